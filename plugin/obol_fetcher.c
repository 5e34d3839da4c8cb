/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that fetches credentials. */

#include "obol_fetcher.h"
#include "obol_entry.h"
#include "obol_now.h"
#include "obol_shared.h"
#include "obol_waiters.h"

#include <threading/condvar.h>
#include <threading/mutex.h>
#include <threading/thread.h>
#include <utils/debug.h>

/** Longest sleep of the thread: condvars stand still while the machine sleeps,
 * credentials' times do not */
#define SLEEP_MAX_MS 30000

typedef struct private_obol_fetcher_t private_obol_fetcher_t;

/**
 * Private data of an obol_fetcher_t object.
 */
struct private_obol_fetcher_t {

	/**
	 * Public obol_fetcher_t interface.
	 */
	obol_fetcher_t public;

	/**
	 * Where credentials go
	 */
	obol_keyring_t *keyring;

	/**
	 * The thread
	 */
	thread_t *thread;

	/**
	 * Locks all that follows. Not held while the keyring or the credential
	 * manager is called.
	 */
	mutex_t *mutex;

	/**
	 * Wakes the thread
	 */
	condvar_t *work;

	/**
	 * Worker threads in await()
	 */
	obol_waiters_t *waiters;

	/**
	 * Profiles, obol_entry_t. Only the thread changes the list.
	 */
	linked_list_t *entries;

	/**
	 * Entries that are no longer configured, but whose fetch is not over
	 */
	linked_list_t *leaving;

	/**
	 * Set when the configuration has to be read again
	 */
	bool reloading;

	/**
	 * Set when the thread has to end
	 */
	bool stopping;
};

/**
 * Called in a fetch's thread when it is over
 */
static void fetch_done(private_obol_fetcher_t *this)
{
	this->mutex->lock(this->mutex);
	this->work->signal(this->work);
	this->mutex->unlock(this->mutex);
}

/**
 * Use what a fetch has brought. Called with the lock held, which is released
 * meanwhile; above all a fetch's thread may need it to end.
 */
static void complete(private_obol_fetcher_t *this, obol_entry_t *entry)
{
	obol_fetch_t *fetch = entry->fetch;
	char *identities;

	this->mutex->unlock(this->mutex);
	identities = obol_entry_store(entry, this->keyring);
	this->mutex->lock(this->mutex);
	entry->profile->finish(entry->profile, fetch->get_result(fetch),
						   identities, obol_now_ms());
	this->waiters->wake(this->waiters);
	this->mutex->unlock(this->mutex);
	fetch->end(fetch);
	free(identities);
	this->mutex->lock(this->mutex);
}

/**
 * Remove what is over of one entry, and begin what is due
 */
static void process(private_obol_fetcher_t *this, obol_entry_t *entry)
{
	obol_profile_t *profile = entry->profile;

	if (entry->fetch->is_over(entry->fetch))
	{
		complete(this, entry);
	}
	if (profile->expire(profile, obol_now_ms()))
	{
		this->mutex->unlock(this->mutex);
		this->keyring->remove(this->keyring, obol_entry_options(entry)->name);
		this->mutex->lock(this->mutex);
	}
	if (!this->stopping && !entry->fetch->is_started(entry->fetch) &&
		profile->get_due(profile, obol_now_ms()) <= obol_now_ms())
	{
		obol_entry_begin(entry, (obol_fetch_done_t)fetch_done, this);
		/* who waits for a profile that could not begin need not */
		this->waiters->wake(this->waiters);
	}
}

/**
 * Destroy entries that have been left behind, as soon as that does not block
 */
static void process_leaving(private_obol_fetcher_t *this)
{
	linked_list_t *over = linked_list_create();
	enumerator_t *enumerator;
	obol_entry_t *entry;

	enumerator = this->leaving->create_enumerator(this->leaving);
	while (enumerator->enumerate(enumerator, &entry))
	{
		if (!entry->fetch->is_started(entry->fetch) ||
			entry->fetch->is_over(entry->fetch))
		{
			this->leaving->remove_at(this->leaving, enumerator);
			over->insert_last(over, entry);
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	over->destroy_function(over, (void*)obol_entry_destroy);
	this->mutex->lock(this->mutex);
}

/**
 * Time until something is due, in milliseconds; 0 if it is already
 */
static u_int get_pause(private_obol_fetcher_t *this)
{
	enumerator_t *enumerator;
	obol_entry_t *entry;
	int64_t now = obol_now_ms(), due = now + SLEEP_MAX_MS;

	enumerator = this->entries->create_enumerator(this->entries);
	while (enumerator->enumerate(enumerator, &entry))
	{
		due = min(due, entry->profile->get_due(entry->profile, now));
		if (entry->fetch->is_over(entry->fetch))
		{
			due = now;
		}
	}
	enumerator->destroy(enumerator);
	return max(due - now, 0);
}

/**
 * Leave an entry behind: it is configured differently now, or not at all
 */
static void leave(private_obol_fetcher_t *this, obol_entry_t *entry)
{
	this->entries->remove(this->entries, entry, NULL);
	entry->fetch->abort(entry->fetch);
	this->leaving->insert_last(this->leaving, entry);
	this->mutex->unlock(this->mutex);
	this->keyring->remove(this->keyring, obol_entry_options(entry)->name);
	this->mutex->lock(this->mutex);
}

/**
 * Take the options with the given name out of a list, NULL if there are none
 */
static obol_options_t *take_options(linked_list_t *list, char *name)
{
	enumerator_t *enumerator;
	obol_options_t *options, *found = NULL;

	enumerator = list->create_enumerator(list);
	while (!found && enumerator->enumerate(enumerator, &options))
	{
		if (streq(options->name, name))
		{
			list->remove_at(list, enumerator);
			found = options;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Copy the list of entries, to change the list while going through it
 */
static linked_list_t *copy_entries(private_obol_fetcher_t *this)
{
	return linked_list_create_from_enumerator(
							this->entries->create_enumerator(this->entries));
}

/**
 * Compare the profiles there are with those configured, which are adopted
 */
static void apply_options(private_obol_fetcher_t *this, linked_list_t *list)
{
	linked_list_t *entries;
	obol_options_t *options;
	obol_entry_t *entry;

	entries = copy_entries(this);
	while (entries->remove_first(entries, (void**)&entry) == SUCCESS)
	{
		options = take_options(list, obol_entry_options(entry)->name);
		if (options && obol_options_equal(options, obol_entry_options(entry)))
		{
			entry->profile->prefetch(entry->profile, obol_now_ms());
			obol_options_destroy(options);
			continue;
		}
		leave(this, entry);
		if (options)
		{
			this->entries->insert_last(this->entries, obol_entry_create(options));
		}
	}
	entries->destroy(entries);
	while (list->remove_first(list, (void**)&options) == SUCCESS)
	{
		this->entries->insert_last(this->entries, obol_entry_create(options));
	}
}

/**
 * Ask for a profile's password again. If it has been taken away from the
 * daemon, the user has logged out, and what it gave goes, too.
 */
static void review_password(private_obol_fetcher_t *this, obol_entry_t *entry)
{
	obol_options_t *options = obol_entry_options(entry);
	struct obol_secret *password;

	if (options->device_file)
	{
		return;
	}
	this->mutex->unlock(this->mutex);
	password = obol_shared_find(options->owner);
	this->mutex->lock(this->mutex);
	if (password)
	{
		entry->profile->offer_password(entry->profile, password,
									   obol_now_ms());
	}
	else if (entry->profile->has_password(entry->profile) ||
			 entry->profile->has_credential(entry->profile))
	{
		DBG1(DBG_CFG, "obol: profile '%s': its password is gone, what was "
			 "fetched with it is removed", options->name);
		options = obol_options_clone(options);
		leave(this, entry);
		this->entries->insert_last(this->entries, obol_entry_create(options));
	}
}

/**
 * Read the configuration again. Called with the lock held, which is released
 * meanwhile.
 */
static void do_reload(private_obol_fetcher_t *this)
{
	linked_list_t *list;
	obol_entry_t *entry;

	this->reloading = FALSE;
	this->mutex->unlock(this->mutex);
	list = obol_options_load();
	this->mutex->lock(this->mutex);
	apply_options(this, list);
	list->destroy(list);

	list = copy_entries(this);
	while (list->remove_first(list, (void**)&entry) == SUCCESS)
	{
		review_password(this, entry);
	}
	list->destroy(list);
	this->waiters->wake(this->waiters);
}

/**
 * Main function of the thread
 */
static void *run(private_obol_fetcher_t *this)
{
	enumerator_t *enumerator;
	obol_entry_t *entry;
	u_int pause;

	/* it ends by its flag, never by cancellation */
	thread_cancelability(FALSE);
	this->mutex->lock(this->mutex);
	while (!this->stopping)
	{
		if (this->reloading)
		{
			do_reload(this);
			continue;
		}
		enumerator = this->entries->create_enumerator(this->entries);
		while (!this->stopping && enumerator->enumerate(enumerator, &entry))
		{
			process(this, entry);
		}
		enumerator->destroy(enumerator);
		process_leaving(this);
		pause = get_pause(this);
		if (!this->stopping && !this->reloading && pause)
		{
			this->work->timed_wait(this->work, this->mutex, pause);
		}
	}
	this->mutex->unlock(this->mutex);
	return NULL;
}

/**
 * A profile's entry by the owner of its password, NULL if there is none
 */
static obol_entry_t *find_owner(private_obol_fetcher_t *this, char *owner)
{
	enumerator_t *enumerator;
	obol_entry_t *entry, *found = NULL;

	enumerator = this->entries->create_enumerator(this->entries);
	while (!found && enumerator->enumerate(enumerator, &entry))
	{
		if (entry->profile->wants_password(entry->profile) &&
			streq(owner, obol_entry_options(entry)->owner))
		{
			found = entry;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Ask the credential sets for the passwords that are missing. No lock is held
 * while they are asked, and they may prompt the user.
 */
static void ask_passwords(private_obol_fetcher_t *this)
{
	struct obol_secret *password;
	linked_list_t *owners;
	enumerator_t *enumerator;
	obol_entry_t *entry;
	char *owner;

	owners = linked_list_create();
	this->mutex->lock(this->mutex);
	enumerator = this->entries->create_enumerator(this->entries);
	while (enumerator->enumerate(enumerator, &entry))
	{
		if (entry->profile->wants_password(entry->profile))
		{
			owner = obol_entry_options(entry)->owner;
			owners->insert_last(owners, strdup(owner));
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);

	while (owners->remove_first(owners, (void**)&owner) == SUCCESS)
	{
		password = obol_shared_find(owner);
		this->mutex->lock(this->mutex);
		entry = password ? find_owner(this, owner) : NULL;
		if (entry)
		{
			entry->profile->offer_password(entry->profile, password,
										   obol_now_ms());
			password = NULL;
		}
		this->mutex->unlock(this->mutex);
		obol_secret_free(password);
		free(owner);
	}
	owners->destroy(owners);
}

/**
 * Tell all profiles that they are needed; for how long to wait at most
 */
static u_int want_all(private_obol_fetcher_t *this)
{
	enumerator_t *enumerator;
	obol_entry_t *entry;
	u_int longest = 0;

	enumerator = this->entries->create_enumerator(this->entries);
	while (enumerator->enumerate(enumerator, &entry))
	{
		longest = max(longest, entry->profile->want(entry->profile,
													obol_now_ms()));
	}
	enumerator->destroy(enumerator);
	this->work->signal(this->work);
	return min(longest, (u_int)OBOL_TIMEOUT_MAX_MS);
}

/**
 * Whether some profile is still worth waiting for
 */
static bool is_pending(private_obol_fetcher_t *this)
{
	enumerator_t *enumerator;
	obol_entry_t *entry;
	bool pending = FALSE;

	enumerator = this->entries->create_enumerator(this->entries);
	while (!pending && enumerator->enumerate(enumerator, &entry))
	{
		pending = entry->profile->get_wait(entry->profile, obol_now_ms()) > 0;
	}
	enumerator->destroy(enumerator);
	return pending;
}

METHOD(obol_fetcher_t, used, void,
	private_obol_fetcher_t *this)
{
	enumerator_t *enumerator;
	obol_entry_t *entry;

	this->mutex->lock(this->mutex);
	enumerator = this->entries->create_enumerator(this->entries);
	while (enumerator->enumerate(enumerator, &entry))
	{
		entry->profile->used(entry->profile, obol_now_ms());
	}
	enumerator->destroy(enumerator);
	this->work->signal(this->work);
	this->mutex->unlock(this->mutex);
}

METHOD(obol_fetcher_t, await, void,
	private_obol_fetcher_t *this, obol_satisfied_t satisfied, void *data)
{
	u_int longest;
	bool waited = TRUE;

	ask_passwords(this);
	this->mutex->lock(this->mutex);
	longest = want_all(this);
	if (longest)
	{
		waited = this->waiters->wait(this->waiters, longest,
									 (obol_waiters_cb_t)is_pending, this,
									 satisfied, data);
	}
	this->mutex->unlock(this->mutex);
	if (!waited)
	{
		DBG1(DBG_CFG, "obol: not waiting for a credential, half of the worker "
			 "threads do so already");
	}
}

METHOD(obol_fetcher_t, log_problems, void,
	private_obol_fetcher_t *this)
{
	enumerator_t *enumerator;
	obol_entry_t *entry;

	this->mutex->lock(this->mutex);
	enumerator = this->entries->create_enumerator(this->entries);
	while (enumerator->enumerate(enumerator, &entry))
	{
		entry->profile->log_problem(entry->profile, obol_now_ms());
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
}

METHOD(obol_fetcher_t, reload, void,
	private_obol_fetcher_t *this)
{
	this->mutex->lock(this->mutex);
	this->reloading = TRUE;
	this->work->signal(this->work);
	this->mutex->unlock(this->mutex);
}

/**
 * Stop the thread, its fetches and everybody who waits for them
 */
static void stop(private_obol_fetcher_t *this)
{
	enumerator_t *enumerator;
	obol_entry_t *entry;

	this->mutex->lock(this->mutex);
	this->stopping = TRUE;
	enumerator = this->entries->create_enumerator(this->entries);
	while (enumerator->enumerate(enumerator, &entry))
	{
		entry->fetch->abort(entry->fetch);
	}
	enumerator->destroy(enumerator);
	this->work->signal(this->work);
	this->waiters->stop(this->waiters);
	this->mutex->unlock(this->mutex);
	if (this->thread)
	{
		this->thread->join(this->thread);
	}
}

METHOD(obol_fetcher_t, destroy, void,
	private_obol_fetcher_t *this)
{
	stop(this);
	this->entries->destroy_function(this->entries, (void*)obol_entry_destroy);
	this->leaving->destroy_function(this->leaving, (void*)obol_entry_destroy);
	this->waiters->destroy(this->waiters);
	this->work->destroy(this->work);
	this->mutex->destroy(this->mutex);
	free(this);
}

/*
 * see header file
 */
obol_fetcher_t *obol_fetcher_create(obol_keyring_t *keyring)
{
	private_obol_fetcher_t *this;
	linked_list_t *list;

	INIT(this,
		.public = {
			.await = _await,
			.used = _used,
			.log_problems = _log_problems,
			.reload = _reload,
			.destroy = _destroy,
		},
		.keyring = keyring,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.work = condvar_create(CONDVAR_TYPE_DEFAULT),
		.entries = linked_list_create(),
		.leaving = linked_list_create(),
	);
	this->waiters = obol_waiters_create(this->mutex);
	list = obol_options_load();
	apply_options(this, list);
	list->destroy(list);
	this->thread = thread_create((thread_main_t)run, this);
	if (!this->thread)
	{
		DBG1(DBG_CFG, "obol: no thread for fetching credentials");
		destroy(this);
		return NULL;
	}
	return &this->public;
}
