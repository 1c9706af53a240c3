// late: a C program that loads Go libraries when it is told to, several into one process. Says "ready PID" and obeys lines
// on stdin: "load LIBRARY" answers "loaded N", "run N SCENARIO TLS-VERSION LOG" has the library make traffic in a thread of
// its own, "wait" answers "done" when all have ended well. With --leave its first thread ends, another one obeys.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX = 8 };

typedef int (*run_function)(const char *, const char *, const char *);

struct job {
  run_function run;
  pthread_t thread;
  char scenario[64], version[16], log[1024];
};

static run_function libraries[MAX];
static struct job jobs[MAX];
static int library_count, job_count;

static void die(const char *what) {
  fprintf(stderr, "late: %s\n", what);
  exit(1);
}

static void load(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library || library_count == MAX) die(dlerror());
  *(void **)&libraries[library_count] = dlsym(library, "run_scenario");
  if (!libraries[library_count]) die(dlerror());
  printf("loaded %d\n", library_count++);
}

static void *work(void *argument) {
  struct job *job = argument;
  return (void *)(long)job->run(job->scenario, job->version, job->log);
}

static void wait_for_all(void) {
  for (int i = 0; i < job_count; i++) {
    void *result;
    pthread_join(jobs[i].thread, &result);
    if (result) die("a library failed");
  }
  job_count = 0;
  printf("done\n");
}

static void *obey(void *none) {
  char line[2048], path[1024];
  int number;
  (void)none;
  printf("ready %d\n", getpid());
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    struct job *job = &jobs[job_count];
    if (sscanf(line, "load %1023s", path) == 1) {
      load(path);
    } else if (job_count < MAX &&
               sscanf(line, "run %d %63s %15s %1023s", &number, job->scenario, job->version, job->log) == 4) {
      if (number >= library_count) die("no such library");
      job->run = libraries[number];
      if (pthread_create(&job->thread, NULL, work, job)) die("no thread");
      job_count++;
    } else {
      wait_for_all();
    }
    fflush(stdout);
  }
  exit(0);
}

int main(int argc, char **argv) {
  pthread_t thread;
  if (argc == 1 || strcmp(argv[1], "--leave")) obey(NULL);
  if (pthread_create(&thread, NULL, obey, NULL)) die("no thread");
  pthread_exit(NULL);
}
