-- name: keep_sign_up
-- Keeps what somebody asks for until he confirms his address.
insert into sign_up (digest, email_lookup, sealed, language, password, expires_at)
values (:digest, :email_lookup, :sealed, :language, :password, now() + (:lasts)::interval);

-- name: sign_up
-- What was asked for under a link's token; whoever else has the link waits here.
select email_lookup, sealed, language, password from sign_up where digest = :digest and expires_at > now() for update;

-- name: end_sign_up
-- Ends a request for an account; no other link opens its address again once it has one.
delete from sign_up where digest = :digest;

-- name: open
-- A local account for an account; no row when the address has one.
insert into local_account (id, account_id, email_lookup, email, language, password)
values (:id, :account, :email_lookup, :email, :language, :password)
on conflict (email_lookup) do nothing returning id;

-- name: by_email
-- The local account of an address.
select * from local_owner where email_lookup = :email_lookup;

-- name: by_id
-- The local account of an id.
select * from local_owner where id = :id;

-- name: of_account
-- The local account of an account, if it is one.
select * from local_owner where account_id = :account;

-- name: seen
-- Notes that the owner of a local account signed in.
update identity set last_seen_at = now() where provider = 'local' and subject = :subject;

-- name: set_password
-- Gives a local account another password, or the same one under other parameters.
update local_account set password = :password where id = :id;

-- name: set_email
-- Gives a local account another address.
update local_account set email_lookup = :email_lookup, email = :email where id = :id;

-- name: email_is_taken
-- Whether an address has a local account.
select exists (select from local_account where email_lookup = :email_lookup);

-- name: ask_email_change
-- Keeps the address that is to replace the one of a local account, in place of any that was asked for before.
insert into email_change (local_account_id, email_lookup, email, expires_at)
values (:id, :email_lookup, :email, now() + (:lasts)::interval)
on conflict (local_account_id) do update set email_lookup = excluded.email_lookup, email = excluded.email,
  expires_at = excluded.expires_at, old_confirmed_at = null, new_confirmed_at = null;

-- name: confirm_email_change
-- Notes that one side has confirmed; the new address, and whether both have.
update email_change set
  old_confirmed_at = case (:purpose)::text when 'EMAIL_OLD' then now() else old_confirmed_at end,
  new_confirmed_at = case (:purpose)::text when 'EMAIL_NEW' then now() else new_confirmed_at end
where local_account_id = :id and expires_at > now()
returning email_lookup, email, old_confirmed_at is not null and new_confirmed_at is not null as agreed;

-- name: end_email_change
-- Ends a change of address that is done, or is not wanted any more.
delete from email_change where local_account_id = :id;

-- name: forget
-- Forgets what nobody confirmed in time.
with sign_ups as (
  delete from sign_up where expires_at < now()
), changes as (
  delete from email_change where expires_at < now()
)
delete from single_use where expires_at < now();
