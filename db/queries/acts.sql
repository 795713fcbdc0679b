-- name: registered
-- Published diplomas of the caller's academies, each with the last day of its retention (arrêté du 23 mai 2018), and whether the four months
-- are over within which what creates rights may be taken back (CRPA, L242-1).
select (select min(v.recorded_at) from diploma_version v where v.diploma_id = p.id) + interval '4 months' < now() as settled, (coalesce(p.awarded_on, make_date(p.session_year, 12, 31)) + interval '50 years')::date as kept_until, p.*
from published_diploma p where p.id = any((:diplomas)::uuid[]) and p.academy_code = any((:academies)::text[]);

-- name: registered_candidate
-- The published diploma of a candidate of a session of the caller's academies.
select (coalesce(p.awarded_on, make_date(p.session_year, 12, 31)) + interval '50 years')::date as kept_until, p.*
from exam_session s join diploma d on d.session_id = s.id and d.candidate_number = (:candidate_number)::text
join published_diploma p on p.id = d.id
where s.family = (:family)::text and s.academy_code = (:academy)::text and s.year = (:year)::int and s.academy_code = any((:academies)::text[]);

-- name: results
-- What the line of a diploma had in its family's own columns, in the import that stands.
select c.results from diploma d join exam_session s on s.id = d.session_id
join candidate c on c.session_id = s.id and c.import_id = s.import_id and c.candidate_number = d.candidate_number
where d.id = :diploma;

-- name: new_id
-- The id of an act to be prepared: what it proposes is sealed for it.
select uuidv7();

-- name: prepare
-- An act on a version of a diploma of the caller's academies; no row when the diploma is not as it was looked at, when its status does not
-- allow the act, when it is to be kept longer, or when another act is pending.
insert into diploma_act (id, diploma_id, session_id, academy_code, kind, version, status, reason, reference, proposed, prepared_by)
select :id, d.id, s.id, s.academy_code, :kind, d.version, d.status, :reason, :reference, :proposed, :agent
from diploma d join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
join diploma_version v on v.diploma_id = d.id and v.version = d.version
where d.id = :diploma and d.version = :version and d.status = any((:before)::text[]) and s.academy_code = any((:academies)::text[])
  and ((:kind)::text <> 'ERASURE' or coalesce(v.awarded_on, make_date(s.year, 12, 31)) + interval '50 years' < now())
on conflict (diploma_id) where approved_at is null and cancelled_at is null do nothing
returning id;

-- name: pending_of
-- The pending act on a diploma of the caller's academies.
select t.id from diploma_act t where t.diploma_id = :diploma and t.approved_at is null and t.cancelled_at is null
  and t.academy_code = any((:academies)::text[]);

-- name: find
-- An act of the caller's academies, with what it is to write as long as it is pending.
select id, diploma_id, session_id, kind, version, status, proposed, prepared_by, approved_at, cancelled_at from diploma_act
where id = :act and academy_code = any((:academies)::text[]);

-- name: approve
-- A second agent approves a pending act on a diploma that is still as it was when the act was prepared: its version and status are those
-- that the act leads to. No row when it is decided, when he prepared it, when the diploma has changed or its session is not published.
with approved as (
  update diploma_act t set approved_by = :agent, approved_at = now(), proposed = null,
    new_version = case when (:writes)::boolean then t.version + 1 end
  from diploma d join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
  where t.id = :act and t.academy_code = any((:academies)::text[]) and t.approved_at is null and t.cancelled_at is null
    and t.prepared_by <> :agent and d.id = t.diploma_id and d.version = t.version and d.status = t.status
  returning t.id, t.diploma_id, t.session_id, t.kind, t.version, t.status, t.new_version
)
update diploma d set version = coalesce(p.new_version, d.version), status = coalesce((:after)::text, d.status),
  key_generation = greatest(d.key_generation, 1),
  oldest_key_version = case when (:renames)::boolean then coalesce(p.new_version, d.version + 1) else d.oldest_key_version end
from approved p where d.id = p.diploma_id and d.version = p.version and d.status = p.status
returning d.id, d.version, d.status, d.key_generation, p.session_id, p.kind, p.status as former_status;

-- name: write_version
-- The version that an act writes: the one before with what changes. The line that was last published is still its line, unless it is to
-- be forgotten.
insert into diploma_version
select w.* from diploma_version v,
  lateral jsonb_populate_record(v, (:changes)::jsonb || jsonb_build_object('version', (:version)::int, 'act_id', (:act)::uuid, 'cause', (:kind)::text,
    'publication_id', null, 'status', (:status)::text, 'recorded_at', now(), 'redacted_by', null)
    || case when (:renames)::boolean then jsonb_build_object('content_hash', ''::bytea) else '{}' end) w
where v.diploma_id = :diploma and v.version = (:version)::int - 1
returning version;

-- name: prove
-- Gives an approved act its proof, and that of the version that it wrote.
update diploma_act t set
  version_proof = (select version_proof((:inner_pad)::bytea, (:outer_pad)::bytea, sha256(convert_to(version_person(v), 'UTF8')), version_facts(v))
    from diploma_version v where v.diploma_id = t.diploma_id and v.version = t.new_version),
  proof = act_proof((:inner_pad)::bytea, (:outer_pad)::bytea, t)
where t.id = :act and t.proof is null and t.approved_at is not null returning t.id;

-- name: count_published
-- One diploma more or less is valid in a session.
update exam_session set published_count = published_count + (:more)::int where id = :session
returning pg_notify('parchemin_register', '');

-- name: cancel
-- A pending act is taken back, and what it proposed forgotten; no row when it is decided.
update diploma_act set cancelled_by = :agent, cancelled_at = now(), proposed = null
where id = :act and academy_code = any((:academies)::text[]) and approved_at is null and cancelled_at is null returning diploma_id;

-- name: page
-- A page of the acts of the caller's academies, the latest first, before an id, as many as asked; the pending ones alone if told.
select t.* from shown_act t
where t.academy_code = any((:academies)::text[]) and t.id < (:before)::uuid
  and (not (:pending)::boolean or (t.approved_at is null and t.cancelled_at is null))
order by t.id desc limit (:count)::int;

-- name: by_id
-- Acts of the caller's academies.
select t.* from shown_act t where t.id = any((:acts)::uuid[]) and t.academy_code = any((:academies)::text[]);

-- name: of_diploma
-- What agents of the caller's academies did with diplomas, the latest first, fifty of each at most.
select t.* from unnest((:diplomas)::uuid[]) as d (id) cross join lateral (
  select t.* from shown_act t where t.diploma_id = d.id and t.academy_code = any((:academies)::text[])
  order by t.id desc limit 50) t
order by t.diploma_id, t.id desc;

-- name: pending_of_diplomas
-- The pending acts on diplomas of the caller's academies.
select t.* from shown_act t
where t.diploma_id = any((:diplomas)::uuid[]) and t.approved_at is null and t.cancelled_at is null and t.academy_code = any((:academies)::text[]);

-- name: versions
-- The versions of published diplomas of the caller's academies, the latest first, fifty of each at most; not what they said.
select v.diploma_id, v.version, v.cause, v.recorded_at from unnest((:diplomas)::uuid[]) as o (id)
join diploma d on d.id = o.id join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED' and s.academy_code = any((:academies)::text[])
cross join lateral (select v.* from diploma_version v where v.diploma_id = d.id order by v.version desc limit 50) v
where d.status <> 'ERASED' order by v.diploma_id, v.version desc;

-- name: holder_of
-- The open account that holds a diploma, with how it is written to, if it is.
select h.account_id, l.id as local_id, l.email, l.language
from holding h join account a on a.id = h.account_id and a.closed_at is null left join local_account l on l.account_id = a.id
where h.diploma_id = :diploma;

-- name: close_shares
-- The links to a diploma open nothing any more, and no longer say what their holder called them.
update share set revoked_at = coalesce(revoked_at, now()), label = '' where diploma_id = :diploma;

-- name: documents_of
-- Whether somebody asked for an attestation of a diploma, whatever became of it.
select exists (select from document where diploma_id = :diploma);

-- name: prepare_due_erasures
-- The erasure of every diploma of a session of the caller's academies whose last day is over and on which nothing is pending.
with prepared as (
  insert into diploma_act (diploma_id, session_id, academy_code, kind, version, status, reason, reference, prepared_by)
  select d.id, s.id, s.academy_code, 'ERASURE', d.version, d.status, :reason, :reference, :agent
  from exam_session s join diploma d on d.session_id = s.id and d.status <> 'ERASED'
  join diploma_version v on v.diploma_id = d.id and v.version = d.version
  where s.id = :session and s.state = 'PUBLISHED' and s.academy_code = any((:academies)::text[])
    and coalesce(v.awarded_on, make_date(s.year, 12, 31)) + interval '50 years' < now()
  on conflict (diploma_id) where approved_at is null and cancelled_at is null do nothing
  returning id
)
select count(*) from prepared;

-- name: pending_erasures
-- The erasures in a session of the caller's academies that another agent prepared, after an id, as many as asked.
select t.id from diploma_act t
where t.session_id = :session and t.kind = 'ERASURE' and t.approved_at is null and t.cancelled_at is null and t.prepared_by <> :agent
  and t.academy_code = any((:academies)::text[]) and t.id > (:after)::uuid
order by t.id limit :count;
