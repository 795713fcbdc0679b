-- name: primary
-- Where the primary's log is, in bytes from its beginning, and which register it is.
select pg_current_wal_insert_lsn() as position, system_identifier as system from pg_control_system();

-- name: replica
-- How far a replica has replayed that log, null on a server that replays none, and which register it is.
select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() end as position, system_identifier as system
from pg_control_system();

-- name: account_wrote
-- Keeps where the log was after something that an account did: what it then reads is at least as new.
update account set last_write = pg_current_wal_insert_lsn() where id = :id;

-- name: agent_wrote
-- Keeps where the log was after something that an agent did: what he then reads is at least as new.
update agent set last_write = pg_current_wal_insert_lsn() where id = :id;
