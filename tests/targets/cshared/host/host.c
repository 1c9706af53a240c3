// host LIBRARY [SCENARIO [TLS-VERSION [LOG]]]: a C program that loads the Go library, says "ready PID", waits for a
// line on stdin, and has the library make traffic.
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: host LIBRARY [SCENARIO [TLS-VERSION [LOG]]]\n");
    return 2;
  }
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library) {
    fprintf(stderr, "host: %s\n", dlerror());
    return 1;
  }
  int (*run)(const char *, const char *, const char *);
  *(void **)&run = dlsym(library, "run_scenario");
  if (!run) {
    fprintf(stderr, "host: %s\n", dlerror());
    return 1;
  }
  printf("ready %d\n", getpid());
  fflush(stdout);
  char line[256];
  if (!fgets(line, sizeof line, stdin)) fprintf(stderr, "host: stdin ended, going on\n");
  if (run(argc > 2 ? argv[2] : "raw", argc > 3 ? argv[3] : "1.3", argc > 4 ? argv[4] : "")) return 1;
  printf("done\n");
  return 0;
}
