module gotls.test/targets

go 1.15
