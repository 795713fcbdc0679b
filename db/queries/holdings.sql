-- name: page
-- Published diplomas that an account holds and that nobody else claims, the latest first, before an id, as many as asked. Each is kept
-- for fifty years from its delivery, or from the end of its session's year when that is unknown (arrêté du 23 mai 2018).
select h.attached_at, (coalesce(p.awarded_on, make_date(p.session_year, 12, 31)) + interval '50 years')::date as kept_until, p.*
from holding h join published_diploma p on p.id = h.diploma_id
where h.account_id = (:account)::uuid and h.frozen_at is null and h.diploma_id < (:before)::uuid
order by h.diploma_id desc limit (:count)::int;

-- name: one
-- A published diploma that an account holds.
select h.attached_at, (coalesce(p.awarded_on, make_date(p.session_year, 12, 31)) + interval '50 years')::date as kept_until, p.*
from holding h join published_diploma p on p.id = h.diploma_id
where h.account_id = :account and h.frozen_at is null and h.diploma_id = :diploma;

-- name: attach
-- Gives diplomas to an account, but those that it has.
insert into holding (diploma_id, account_id, claim_id) select unnest((:diplomas)::uuid[]), :account, :claim
on conflict (diploma_id) do nothing;

-- name: freeze
-- A second account claims a diploma: nobody holds it until an agent has decided. Returns the first account.
update holding set frozen_at = coalesce(frozen_at, now()) where diploma_id = :diploma and account_id <> :account returning account_id;

-- name: lock
-- Those who claim one of some diplomas wait for each other here.
select id from diploma where id = any((:diplomas)::uuid[]) order by id for update;

-- name: holders_of
-- Who holds which of some diplomas.
select diploma_id, account_id, frozen_at from holding where diploma_id = any((:diplomas)::uuid[]);

-- name: renew_key
-- The next generation of a diploma's key, if it is the account's and this one is still in force.
update diploma d set key_generation = d.key_generation + 1, oldest_key_version = d.version
from holding h, exam_session s
where d.id = :diploma and h.diploma_id = d.id and h.account_id = :account and h.frozen_at is null
  and s.id = d.session_id and s.state = 'PUBLISHED' and d.key_generation = :generation and d.status = 'VALID'
returning d.version, d.key_generation;

-- name: revoke_key
-- A key that opens nothing any more.
update control_key set revoked_at = now() where lookup = :lookup and diploma_id = :diploma and revoked_at is null;

-- name: add_key
-- A key of a diploma; no row when another diploma has drawn the same.
insert into control_key (lookup, diploma_id, version, generation) values (:lookup, :diploma, :version, :generation)
on conflict (lookup) do nothing returning generation;

-- name: next_generation
-- Passes over a generation whose key was taken.
update diploma set key_generation = key_generation + 1 where id = :diploma returning key_generation;

-- name: journalled
-- The diplomas of an account whose journal it reads, with when it added each; 200 at most.
select h.attached_at, p.* from holding h join published_diploma p on p.id = h.diploma_id
where h.account_id = :account and h.frozen_at is null order by h.diploma_id desc limit 200;

-- name: records
-- The records of the diplomas that an account holds, with what it gave to get each, and whether agents have decided of it; 200 at most.
select h.claim_id, c.facts, exists (select from review_decision d where d.claim_id = c.id and d.approved_at is not null) as reviewed, p.*
from holding h join claim c on c.id = h.claim_id join published_diploma p on p.id = h.diploma_id
where h.account_id = :account order by h.diploma_id limit 200;
