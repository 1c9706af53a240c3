module gotls.example/demo

go 1.19
