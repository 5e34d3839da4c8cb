/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account import: registrations on all cores. Processes and not
 * threads: OpenSSL's locks would be contended. */
#include "tools/ctl_import.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 64
#define PAUSE_NS 500000L

enum job_state {
	JOB_WAITS,
	JOB_DONE,
	JOB_FAILED
};

/** In memory that the processes share. */
struct job {
	char name[OBOL_NAME_MAX + 1];
	uint8_t code[OBOL_IMPORT_CODE_LEN];
	struct obol_slot slot;
	_Atomic int state;
};

struct obol_import_workers {
	size_t n_jobs;
	struct job *jobs;
	size_t n_processes;
	pid_t processes[PROCESSES_MAX];
	bool has_ended[PROCESSES_MAX];
};

static bool do_job(const struct obol_activation_server *server,
				   uint64_t expires_at, struct job *job)
{
	struct obol_secret *code = obol_secret_dup(job->code, sizeof(job->code));
	struct obol_account_key key = { .key = NULL };
	enum obol_status status = OBOL_ERR_NOMEM;

	if (code)
	{
		status = obol_account_key_new(server->rng, &key);
	}
	if (status == OBOL_OK)
	{
		status = obol_activation_register(server, job->name, code, &key,
										  expires_at, &job->slot);
	}
	obol_account_key_clear(&key);
	obol_secret_free(code);
	return status == OBOL_OK;
}

/** A process's share: every n-th job, so that the first ones are ready first.
 */
static void work(const struct obol_import *import,
				 const struct obol_import_workers *workers, size_t number,
				 size_t n_processes)
{
	struct obol_activation_server server = {
		.rng = import->ctl->rng,
		.store = import->ctl->store,
		.keys = obol_server_keys_operations(import->ctl->keys),
		.key_number = obol_server_keys_current(import->ctl->keys),
	};
	size_t i;

	for (i = number; i < workers->n_jobs; i += n_processes)
	{
		struct job *job = &workers->jobs[i];
		bool done = do_job(&server, import->code_expires_at, job);

		atomic_store(&job->state, done ? JOB_DONE : JOB_FAILED);
		if (!done)
		{
			_exit(1);
		}
	}
	_exit(0);
}

static size_t count_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > PROCESSES_MAX ? PROCESSES_MAX : (size_t)n;
}

struct obol_import_workers *
obol_import_workers_start(struct obol_import *import,
						  struct obol_import_row *const *rows, size_t n)
{
	struct obol_import_workers *workers = calloc(1, sizeof(*workers));
	size_t n_processes = count_cores();
	pid_t parent = getpid();
	size_t i;

	if (!workers)
	{
		(void)obol_ctl_fail("memory ran out");
		return NULL;
	}
	workers->n_jobs = n;
	workers->jobs = mmap(NULL, n * sizeof(struct job), PROT_READ | PROT_WRITE,
						 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (workers->jobs == MAP_FAILED)
	{
		workers->jobs = NULL;
		(void)obol_ctl_fail("memory ran out");
		obol_import_workers_stop(workers);
		return NULL;
	}
	(void)madvise(workers->jobs, n * sizeof(struct job), MADV_DONTDUMP);
	for (i = 0; i < n; i++)
	{
		memcpy(workers->jobs[i].name, rows[i]->account.name, OBOL_NAME_MAX + 1);
		memcpy(workers->jobs[i].code, rows[i]->code, OBOL_IMPORT_CODE_LEN);
	}
	for (i = 0; i < n_processes; i++)
	{
		pid_t pid = fork();

		if (pid == 0)
		{
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() == parent)
			{
				work(import, workers, i, n_processes);
			}
			_exit(1);
		}
		if (pid < 0)
		{
			(void)obol_ctl_fail("no process can be started");
			obol_import_workers_stop(workers);
			return NULL;
		}
		workers->processes[workers->n_processes++] = pid;
	}
	return workers;
}

/** True when a process ended otherwise than it should. */
static bool one_failed(struct obol_import_workers *workers)
{
	size_t i;

	for (i = 0; i < workers->n_processes; i++)
	{
		int code;

		if (!workers->has_ended[i] && waitpid(workers->processes[i], &code,
											  WNOHANG) == workers->processes[i])
		{
			workers->has_ended[i] = true;
			if (!WIFEXITED(code) || WEXITSTATUS(code) != 0)
			{
				return true;
			}
		}
	}
	return false;
}

const struct obol_slot *
obol_import_workers_slot(struct obol_import_workers *workers, size_t i)
{
	struct timespec pause = { 0, PAUSE_NS };
	struct job *job = &workers->jobs[i];

	while (atomic_load(&job->state) == JOB_WAITS)
	{
		if (one_failed(workers) && atomic_load(&job->state) == JOB_WAITS)
		{
			(void)obol_ctl_fail("a process that registers codes ended early");
			return NULL;
		}
		(void)nanosleep(&pause, NULL);
	}
	if (atomic_load(&job->state) == JOB_FAILED)
	{
		(void)obol_ctl_fail("a code could not be registered");
		return NULL;
	}
	return &job->slot;
}

void obol_import_workers_stop(struct obol_import_workers *workers)
{
	size_t i;

	if (!workers)
	{
		return;
	}
	for (i = 0; i < workers->n_processes; i++)
	{
		if (!workers->has_ended[i])
		{
			(void)kill(workers->processes[i], SIGKILL);
			(void)waitpid(workers->processes[i], NULL, 0);
		}
	}
	if (workers->jobs)
	{
		obol_wipe(workers->jobs, workers->n_jobs * sizeof(struct job));
		(void)munmap(workers->jobs, workers->n_jobs * sizeof(struct job));
	}
	free(workers);
}
