-- name: ask
-- The document of the current version of a diploma that an account holds, now asked for; no row when it is not its, or no longer valid.
insert into document (diploma_id, version, generation, link_lookup, urgent)
select p.id, p.version, p.key_generation, :lookup, true
from holding h join published_diploma p on p.id = h.diploma_id
where h.account_id = :account and h.frozen_at is null and h.diploma_id = :diploma and p.status = 'VALID'
  and p.version = :version and p.key_generation = :generation
on conflict (diploma_id, version, generation) do update
set urgent = true, state = case when document.state = 'OVERTAKEN' then 'WAITING' else document.state end,
  due_at = case when document.state in ('WAITING', 'OVERTAKEN') then now() else document.due_at end
returning id;

-- name: of_diploma
-- The document of the current version of a diploma that an account holds.
select o.id, o.diploma_id, o.version, o.state, o.asked_at, o.sealed_at, o.digest, encode(o.digest, 'hex') as digest_hex, o.size
from holding h join published_diploma p on p.id = h.diploma_id
join document o on o.diploma_id = p.id and o.version = p.version and o.generation = p.key_generation
where h.account_id = (:account)::uuid and h.frozen_at is null and h.diploma_id = any((:diplomas)::uuid[]);

-- name: of_account
-- A document of a diploma that an account holds, whatever its version.
select o.id, o.diploma_id, o.version, o.state, o.asked_at, o.sealed_at, o.digest, encode(o.digest, 'hex') as digest_hex, o.size
from document o join holding h on h.diploma_id = o.diploma_id
join published_diploma p on p.id = o.diploma_id
where o.id = :document and h.account_id = :account and h.frozen_at is null;

-- name: announce
-- Wakes the sealers at the commit.
select pg_notify('parchemin_seal', '');

-- name: presealable
-- Published, valid diplomas of a session that have no document yet, or one that a withdrawal overtook, in the order of their ids, after one, as many as asked.
select p.id, p.version, p.key_generation from published_diploma p
where p.session_id = :session and p.status = 'VALID' and p.id > (:after)::uuid and not exists (
  select from document o where o.diploma_id = p.id and o.version = p.version and o.generation = p.key_generation
  and o.state <> 'OVERTAKEN')
order by p.id limit :count;

-- name: preseal
-- Asks for documents at leisure.
insert into document (diploma_id, version, generation, link_lookup, urgent)
select w.diploma, w.version, w.generation, w.lookup, false
from unnest((:diplomas)::uuid[], (:versions)::smallint[], (:generations)::smallint[], (:lookups)::bytea[])
  as w (diploma, version, generation, lookup)
on conflict (diploma_id, version, generation) do update set state = 'WAITING', due_at = now() where document.state = 'OVERTAKEN';

-- name: claim
-- Documents to seal now, those that holders wait for first. Each is due again after the lease, should whoever took it die.
update document set due_at = now() + (:lease)::interval, attempts = least(attempts + 1, 1000) where id in (
  select id from document where state = 'WAITING' and due_at <= now()
  order by urgent desc, due_at limit :count for update skip locked)
returning id, diploma_id, version, generation, attempts;

-- name: to_draw
-- What the register says of the diplomas of some documents: the current, valid versions alone.
select o.id as document_id, o.generation as document_generation, p.*
from document o join published_diploma p on p.id = o.diploma_id and p.version = o.version and p.key_generation = o.generation
where o.id = any((:documents)::uuid[]) and o.state = 'WAITING' and p.status = 'VALID';

-- name: overtake
-- A document that was asked for and that the register would no longer make: its diploma changed meanwhile.
-- Tells its holder, who sees it by its state.
with done as (
  update document set state = 'OVERTAKEN' where id = :document and state = 'WAITING' returning diploma_id
)
select count(pg_notify('parchemin_account', h.account_id::text || ' ATTESTATION_READY'))
from done join holding h using (diploma_id) where h.frozen_at is null;

-- name: refuse
-- A document that cannot be made whatever is tried: what the register says does not go on a page.
-- Tells its holder.
with done as (
  update document set state = 'IMPOSSIBLE', problem = :problem where id = :document and state = 'WAITING' returning diploma_id
)
select count(pg_notify('parchemin_account', h.account_id::text || ' ATTESTATION_READY'))
from done join holding h using (diploma_id) where h.frozen_at is null;

-- name: lost
-- A document whose file is gone is to be sealed again.
update document set state = 'WAITING', urgent = true, attempts = 0, due_at = now(), problem = 'DocumentLost'
where id = :document and digest = :digest and state in ('SEALED', 'ARCHIVED');

-- name: postpone
-- Nothing was sealed, archived or renewed; it is tried again later.
update document set due_at = now() + (:delay)::interval, problem = :problem where id = :document returning id;

-- name: sealed
-- A document is sealed, with a time stamp; tells its holder.
with done as (
  update document set state = 'SEALED', digest = :digest, size = :size, sealed_at = :sealed_at, problem = null, attempts = 0,
    due_at = :archive_at
  where id = :document and state = 'WAITING' returning diploma_id
), told as (
  select pg_notify('parchemin_account', h.account_id::text || ' ATTESTATION_READY')
  from done join holding h using (diploma_id) where h.frozen_at is null
)
select (select count(*) from done) as done, (select count(*) from told) as told;

-- name: claim_to_archive
-- Sealed documents whose proofs are to be completed or renewed now. Each is due again after the lease.
update document set due_at = now() + (:lease)::interval, attempts = least(attempts + 1, 1000) where id in (
  select id from document where state in ('SEALED', 'ARCHIVED') and due_at <= now()
  order by due_at limit :count for update skip locked)
returning id, digest, attempts;

-- name: archived
-- The file of a document has its proofs, in place of the file without; no row when another one took its place meanwhile.
with done as (
  update document set state = 'ARCHIVED', digest = :digest, size = :size, due_at = :renew_at, problem = null, attempts = 0
  where id = :document and digest = :before returning id, delivery_id
), delivered as (
  update document_request_piece p set digest = :digest, size = :size
  from done join document_request_delivery d on d.id = done.delivery_id where p.id = d.piece_id and p.digest is not null
)
select id from done;

-- name: next_due
-- When there is something to seal, archive or renew next.
select min(due_at) from (
  (select due_at from document where state = 'WAITING' order by due_at limit 1)
  union all (select due_at from document where state in ('SEALED', 'ARCHIVED') order by due_at limit 1)) next;

-- name: open_link
-- What the link of a printed attestation shows: the diploma as it is now, as long as its holder has not renewed its key.
select 'STANDARD' as scope, null::uuid as share_id, null::boolean as birth_shown, now() as verified_at,
  case when p.status = 'REVOKED' then p.recorded_at end as invalid_since, case when o.version < p.version then p.recorded_at end as replaced_on, p.*
from document o join published_diploma p on p.id = o.diploma_id
where o.link_lookup = :lookup and o.link_closed_at is null;

-- name: close_links
-- The links of a diploma's printed attestations open nothing any more.
update document set link_closed_at = now() where diploma_id = :diploma and link_closed_at is null;

-- name: version
-- What the register says of one version of a diploma, with the current one's number and status; no row when it shows no such version.
select case when p.status = 'REVOKED' then (select v.recorded_at from diploma_version v where v.diploma_id = p.id and v.version = p.current_version) end
    as invalid_since, p.*
from published_version p where p.id = :diploma and p.version = :version;

-- name: recorded
-- Whether the register ever recorded that version of a diploma, shown or not.
select exists (select from diploma_version where diploma_id = :diploma and version = :version);

-- name: keep_upload
-- Keeps a file to be verified; no row when its network sent too many in an hour.
insert into document_upload (token_digest, network, sealed)
select :token_digest, :network, :sealed
where (select count(*) from document_upload where network = :network and created_at > now() - interval '1 hour') < :most
returning token_digest;

-- name: take_upload
-- A file to be verified. It stays until it is forgotten: an answer that got lost can be asked for again.
select sealed from document_upload
where token_digest = :token_digest and created_at > now() - interval '15 minutes' and sealed <> '';

-- name: empty_upload
-- The content of one file that must not be read again. It counts on.
update document_upload set sealed = '' where token_digest = :token_digest;

-- name: empty_uploads
-- The content of files after a quarter of an hour; their count stays for an hour.
update document_upload set sealed = '' where created_at <= now() - interval '15 minutes' and sealed <> '';

-- name: forget_uploads
-- Files of an hour ago.
delete from document_upload where created_at <= now() - interval '1 hour';
