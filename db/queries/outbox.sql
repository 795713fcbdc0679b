-- name: put
-- Puts a letter in the outbox; a worker is told at the commit.
with put as (
  insert into mail (id, sealed, expires_at) values (:id, :sealed, now() + (:lasts)::interval) returning id
)
select pg_notify('parchemin_mail', '') from put;

-- name: claim
-- The letter that has been due for longest, kept from other workers for a while; no row when none is due.
update mail set attempts = attempts + 1, due_at = now() + (:kept)::interval
where id = (select id from mail where due_at <= now() order by due_at limit 1 for update skip locked)
returning id, sealed, attempts, expires_at < now() as too_late;

-- name: remove
-- Takes a letter out: it was sent, or never will be.
delete from mail where id = :id;

-- name: put_off
-- Tries a letter again after a delay.
update mail set due_at = now() + (:delay)::interval where id = :id;

-- name: next_due
-- When the next letter is due.
select min(due_at) from mail;
