-- name: sessions
-- The sessions to audit, or one of them.
select s.id, s.family, s.academy_code, s.year from exam_session s
where (:session)::uuid is null or s.id = :session order by s.id;

-- name: publications
-- The released publications of a session, with whether each is as its proof says; null when it has none yet.
select p.id, f.publication_id is not null as proven from publication p left join publication_proof f on f.publication_id = p.id
where p.session_id = :session and p.released_at is not null order by p.released_at;

-- name: publication
-- Whether a publication is as it was released, and how many versions it wrote and has.
select publication_row_proof((:inner_pad)::bytea, (:outer_pad)::bytea, p) = f.proof as intact, cardinality(f.proofs) as written,
  (select count(*) from diploma d join diploma_version v on v.diploma_id = d.id and v.publication_id = p.id where d.session_id = p.session_id) as found
from publication p join publication_proof f on f.publication_id = p.id where p.id = :publication;

-- name: changed_versions
-- The versions of a publication that are not as it wrote them, those whose names were taken away among them, with how each differs from
-- the line that it was made of, and what is archived of it.
with written as materialized (
  select unnest(f.proofs) as proof from publication_proof f where f.publication_id = :publication
), found as (
  select v as row, version_proof((:inner_pad)::bytea, (:outer_pad)::bytea, sha256(convert_to(version_person(v), 'UTF8')), version_facts(v)) as proof
  from diploma d join diploma_version v on v.diploma_id = d.id and v.publication_id = :publication where d.session_id = :session
)
select (f.row).diploma_id, (f.row).version, (f.row).redacted_by is not null as redacted, version_facts(f.row) as facts, i.sealed,
  d.status = 'ERASED' as erased,
  (select array_remove(array[
      case when c.ine is distinct from (f.row).ine then 'ine' end, case when c.birth_name <> (f.row).birth_name then 'birth_name' end,
      case when c.used_name is distinct from (f.row).used_name then 'used_name' end, case when c.given_names <> (f.row).given_names then 'given_names' end,
      case when c.sex is distinct from (f.row).sex then 'sex' end, case when c.birth_date is distinct from (f.row).birth_date then 'birth_date' end,
      case when c.birth_commune is distinct from (f.row).birth_commune then 'birth_commune' end,
      case when c.birth_place is distinct from (f.row).birth_place then 'birth_place' end,
      case when c.birth_country is distinct from (f.row).birth_country then 'birth_country' end,
      case when c.establishment is distinct from (f.row).establishment then 'establishment' end,
      case when c.title_code is distinct from (f.row).title_code then 'title_code' end, case when c.title <> (f.row).title then 'title' end,
      case when c.national_level is distinct from (f.row).national_level then 'national_level' end,
      case when c.mention is distinct from (f.row).mention then 'mention' end, case when c.awarded_on is distinct from (f.row).awarded_on then 'awarded_on' end,
      case when c.name_key <> (f.row).name_key then 'name_key' end, case when c.details <> (f.row).details then 'details' end,
      case when c.content_hash <> (f.row).content_hash then 'content_hash' end], null)
    from publication p join candidate c on c.session_id = p.session_id and c.import_id = p.import_id and c.candidate_number = d.candidate_number
    where p.id = :publication and (f.row).status = 'VALID' limit 1) as differs
from found f join diploma d on d.id = (f.row).diploma_id
left join identity_archive i on i.diploma_id = d.id and i.place = 'version/' || (f.row).version
where not exists (select from written w where w.proof = f.proof);

-- name: has_proof
-- Whether a publication has a proof among those of its versions.
select (:proof)::bytea = any(proofs) from publication_proof where publication_id = :publication;

-- name: strange_versions
-- The versions of a session's diplomas that no released publication of it and no approved act wrote.
select v.diploma_id, v.version from diploma d join diploma_version v on v.diploma_id = d.id
left join publication p on p.id = v.publication_id and p.session_id = d.session_id and p.released_at is not null
left join diploma_act t on t.id = v.act_id and t.diploma_id = d.id and t.new_version = v.version and t.approved_at is not null
where d.session_id = :session and p.id is null and t.id is null;

-- name: changed_candidates
-- The lines of the import that a session shows which differ from the version that was made of them, where that version is the publication's own.
select c.import_id, c.line from exam_session s
join candidate c on c.session_id = s.id and c.import_id = s.import_id and c.decision = 'ADMIS' and c.redacted_by is null
join publication p on p.session_id = s.id and p.edition = s.edition and p.released_at is not null and p.import_id = s.import_id
join diploma_version v on v.diploma_id = c.diploma_id and v.publication_id = p.id and v.status = 'VALID' and v.redacted_by is null
where s.id = :session and s.state = 'PUBLISHED'
  and (c.ine, c.birth_name, c.used_name, c.given_names, c.sex, c.birth_date, c.birth_commune, c.birth_place, c.birth_country, c.establishment,
    c.title_code, c.title, c.national_level, c.mention, c.awarded_on, c.name_key, c.details, c.content_hash)
  is distinct from (v.ine, v.birth_name, v.used_name, v.given_names, v.sex, v.birth_date, v.birth_commune, v.birth_place, v.birth_country,
    v.establishment, v.title_code, v.title, v.national_level, v.mention, v.awarded_on, v.name_key, v.details, v.content_hash);

-- name: changed_imports
-- The imports of a session whose lines no longer have the hash that was taken of them.
select i.id from import i where i.session_id = :session and i.state in ('STAGED', 'CURRENT') and i.content_hash <> (
  select sha256(coalesce(string_agg(c.content_hash, ''::bytea order by c.line), ''::bytea)) from candidate c
  where c.session_id = i.session_id and c.import_id = i.id and c.decision = 'ADMIS');

-- name: acts
-- The acts of a session that were approved.
select t.id from diploma_act t where t.session_id = :session and t.approved_at is not null order by t.id;

-- name: act
-- Whether an act and the version that it wrote are as they were; of a version whose names were taken away, what is archived of it.
select act_proof((:inner_pad)::bytea, (:outer_pad)::bytea, t) is not distinct from t.proof as intact, t.diploma_id, t.new_version, t.version_proof,
  version_proof((:inner_pad)::bytea, (:outer_pad)::bytea, sha256(convert_to(version_person(v), 'UTF8')), version_facts(v)) as found_proof,
  v.redacted_by is not null as redacted, version_facts(v) as facts, i.sealed, d.status = 'ERASED' as erased
from diploma_act t left join diploma d on d.id = t.diploma_id
left join diploma_version v on v.diploma_id = t.diploma_id and v.version = t.new_version and v.act_id = t.id
left join identity_archive i on i.diploma_id = t.diploma_id and i.place = 'version/' || t.new_version
where t.id = :act;

-- name: changed_diplomas
-- The diplomas of a session whose state is not what their versions and the acts on them lead to, with what it should be.
with found as (
  select d.id, d.version, d.status, d.oldest_key_version, d.candidate_number, v.last, v.versions, v.status as version_status,
    a.kinds, c.candidate_number as line_number
  from diploma d
  left join lateral (select max(v.version) as last, count(*) as versions, (array_agg(v.status order by v.version desc))[1] as status
    from diploma_version v where v.diploma_id = d.id) v on true
  left join lateral (select array_agg(t.kind order by t.id desc) as kinds from diploma_act t where t.diploma_id = d.id and t.approved_at is not null) a on true
  left join exam_session s on s.id = d.session_id
  left join candidate c on c.session_id = s.id and c.import_id = s.import_id and c.diploma_id = d.id
  where d.session_id = :session
), replayed as (
  select f.*, case when 'ERASURE' = any(f.kinds) then 'ERASED' when f.version_status = 'REVOKED' then 'REVOKED'
    when (select k.kind from unnest(f.kinds) with ordinality as k (kind, place)
      where k.kind in ('SUSPENSION', 'SUSPENSION_LIFTED', 'WITHDRAWAL', 'ANNULMENT', 'REINSTATEMENT') order by k.place limit 1) = 'SUSPENSION' then 'SUSPENDED'
    else 'VALID' end as due_status
  from found f
)
select r.id, array_remove(array[
  case when r.version is distinct from r.last or r.versions is distinct from r.last then 'version' end,
  case when r.status <> r.due_status then 'status' end,
  case when r.candidate_number <> r.line_number then 'candidate_number' end,
  case when r.oldest_key_version > r.version + 1 or r.oldest_key_version < 1
    or r.status <> 'ERASED' and 'IDENTITY_CHANGE' = any(r.kinds) and r.oldest_key_version < (
      select max(t.new_version) from diploma_act t where t.diploma_id = r.id and t.kind = 'IDENTITY_CHANGE' and t.approved_at is not null)
    then 'oldest_key_version' end], null) as differs
from replayed r
where r.version is distinct from r.last or r.versions is distinct from r.last or r.status <> r.due_status or r.candidate_number <> r.line_number
  or r.oldest_key_version > r.version + 1 or r.oldest_key_version < 1
  or r.status <> 'ERASED' and 'IDENTITY_CHANGE' = any(r.kinds) and r.oldest_key_version < (
    select max(t.new_version) from diploma_act t where t.diploma_id = r.id and t.kind = 'IDENTITY_CHANGE' and t.approved_at is not null);

-- name: standing
-- The diplomas of a session that have a key, after an id, as many as asked.
select id, version, key_generation from diploma
where session_id = :session and status in ('VALID', 'SUSPENDED') and id > (:after)::uuid order by id limit :count;

-- name: without_key
-- Those of some diplomas whose key of today is not in the register, or leads elsewhere, or is revoked.
select w.diploma from unnest((:lookups)::bytea[], (:diplomas)::uuid[], (:versions)::smallint[], (:generations)::smallint[])
  as w (lookup, diploma, version, generation)
left join control_key k on k.lookup = w.lookup
where (k.diploma_id, k.version, k.generation) is distinct from (w.diploma, w.version, w.generation) or k.revoked_at is not null;

-- name: documents
-- The documents of a session's diplomas, after an id, as many as asked.
select o.id, o.diploma_id, o.version, o.generation, o.link_lookup, o.state, v.version is not null as known, v.redacted_by is not null as redacted,
  o.link_closed_at is null as opens
from diploma d join document o on o.diploma_id = d.id left join diploma_version v on v.diploma_id = d.id and v.version = o.version
where d.session_id = :session and o.id > (:after)::uuid order by o.id limit :count;

-- name: changed_session
-- Whether a session shows another state than its latest publication leads to, or counts otherwise than its diplomas.
select array_remove(array[
  case when (s.state = 'PUBLISHED') is distinct from (p.released_at is not null and p.withdrawn_at is null) then 'state' end,
  case when s.state = 'PUBLISHED' and s.published_at is distinct from p.released_at then 'published_at' end,
  case when s.published_count <> case when s.state = 'PUBLISHED' then
    (select count(*) from diploma d where d.session_id = s.id and d.status in ('VALID', 'SUSPENDED')) else 0 end then 'published_count' end], null) as differs
from exam_session s left join publication p on p.session_id = s.id and p.edition = s.edition and p.released_at is not null
where s.id = :session;

-- name: keys
-- Every control key, as it stands, with whether its diploma has such a version, and whether a later key of that version should have ended it.
select k.lookup, k.diploma_id, k.version, k.generation, d.id is null or k.version > d.version or d.status = 'ERASED' as lost,
  d.version = k.version and (k.revoked_at is null) <> (k.generation = d.key_generation) as revived
from control_key k left join diploma d on d.id = k.diploma_id;

-- name: lost_versions
-- Versions, acts and archives of diplomas that do not exist.
select 'diploma_version' as "table", v.diploma_id::text || '/' || v.version as row from diploma_version v
where not exists (select from diploma d where d.id = v.diploma_id)
union all
select 'diploma_act', t.id::text from diploma_act t where not exists (select from diploma d where d.id = t.diploma_id)
union all
select 'identity_archive', i.diploma_id::text || '/' || i.place from identity_archive i where not exists (select from diploma d where d.id = i.diploma_id)
union all
select 'document', o.id::text from document o where o.diploma_id is not null and not exists (select from diploma d where d.id = o.diploma_id)
union all
select 'diploma', d.id::text from diploma d where not exists (select from exam_session s where s.id = d.session_id);

-- name: archives
-- What is archived, as it stands.
select i.diploma_id, i.place, i.sealed, t.approved_at is not null and t.diploma_id = i.diploma_id as founded
from identity_archive i left join diploma_act t on t.id = i.act_id;

-- name: changed_journal
-- The lines of the journal that are not as they were written, the stretches that lack some or were not proven in their order, and what has
-- had no proof for an hour.
with stretch as (
  select p.first_id, p.last_id, p.proofs, coalesce(lag(p.last_id) over (order by p.last_id), 0) + 1 as due_first from journal_proof p
), line as (
  select j.id, s.last_id from stretch s join journal j on j.id between s.first_id and s.last_id
  where journal_line_proof((:inner_pad)::bytea, (:outer_pad)::bytea, j) <> all(s.proofs)
)
select 'journal' as "table", l.id::text as row, 'CHANGED' as what from line l
union all
select 'journal_proof', s.first_id || '-' || s.last_id, case when s.first_id <> s.due_first then 'MISSING' else 'LINES' end
from stretch s where s.first_id <> s.due_first
  or cardinality(s.proofs) <> (select count(*) from journal j where j.id between s.first_id and s.last_id)
union all
(select 'journal', j.id::text, 'UNPROVEN' from journal j
where j.id > coalesce((select max(last_id) from journal_proof), 0) and j.at < now() - interval '1 hour' order by j.id limit 1)
order by 1, 2;

-- name: changed_holdings
-- Diplomas that somebody holds by a request that is not his, and links that are not as their holder's journal says.
select 'holding' as "table", h.diploma_id::text as row from holding h left join claim c on c.id = h.claim_id
where c.account_id is distinct from h.account_id
union all
select 'share', w.id::text from share w left join journal j on j.account_id = w.account_id and j.act = 'SHARE' and j.facts ->> 'share' = w.id::text
where j.id is null or (j.facts ->> 'diploma', j.facts ->> 'scope') is distinct from (w.diploma_id::text, w.scope);

-- name: shares
-- Every link, with what it is found by.
select id, lookup from share;

-- name: guards
-- The triggers and constraints that keep the register, as far as they are there and enabled.
select t.tgrelid::regclass::text || '.' || t.tgname as guard from pg_trigger t where not t.tgisinternal and t.tgenabled in ('O', 'A')
union all
select c.conrelid::regclass::text || '.' || c.conname from pg_constraint c where c.contype = 'c' and c.convalidated;

-- name: session
-- A session by its name, for an audit, which is of no academy.
select id from exam_session where family = :family and academy_code = :academy and year = (:year)::int;
