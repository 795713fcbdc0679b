-- name: lock
-- Waits for the lock of migrations: two processes that start together migrate once.
select pg_advisory_lock(:key);

-- name: unlock
-- Gives the lock of migrations back.
select pg_advisory_unlock(:key);

-- name: make_table
-- The table of what was applied, made by the first migration of all.
create table if not exists migration (
  name text primary key, checksum text not null, applied_at timestamptz not null default clock_timestamp());

-- name: applied
-- The migrations that the database has had, with the checksums of their files.
select name, checksum from migration;

-- name: wait_little
-- A migration that cannot have its locks within four seconds fails, with nothing changed, and holds nobody up.
set local lock_timeout = '4s';

-- name: note
-- Notes that a migration was applied.
insert into migration (name, checksum) values (:name, :checksum);
