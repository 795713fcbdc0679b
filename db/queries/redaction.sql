-- name: persons_of_versions
-- Whom the versions of a diploma before one name, as long as they do.
select 'version/' || v.version as place, version_person(v) as person from diploma_version v
where v.diploma_id = :diploma and v.version < (:version)::int and v.redacted_by is null;

-- name: persons_of_candidates
-- What the lines of a diploma's candidate say of him, in every import of its session, or in one.
select 'candidate/' || c.import_id || '/' || c.line as place, c.import_id, json_build_array(encode(c.content_hash, 'hex'), c.ine, c.birth_name,
  c.used_name, c.given_names, c.sex, c.birth_date, c.birth_commune, c.birth_place, c.birth_country, c.name_key, c.raw)::text as person
from diploma d join candidate c on c.session_id = d.session_id and c.candidate_number = d.candidate_number
where d.id = :diploma and c.redacted_by is null and ((:import_id)::uuid is null or c.import_id = :import_id);

-- name: archive
-- Keeps, sealed, what is about to be taken away.
insert into identity_archive (diploma_id, place, act_id, sealed)
select :diploma, w.place, :act, w.sealed from unnest((:places)::text[], (:sealed)::bytea[]) as w (place, sealed);

-- name: redact_versions
-- The versions of a diploma before one name nobody any more.
update diploma_version set redacted_by = :act, content_hash = ''::bytea, ine = null, birth_name = '', used_name = null, given_names = '{}', sex = null,
  birth_date = null, birth_commune = null, birth_place = null, birth_country = null, name_key = ''
where diploma_id = :diploma and version < (:version)::int and redacted_by is null;

-- name: redact_candidates
-- Nor do the lines of its candidate, nor what was refused of them.
with refused as (
  update import_refusal r set raw = '', value = '' from import i, diploma d
  where d.id = :diploma and i.session_id = d.session_id and r.import_id = i.id and position(d.candidate_number in r.raw) > 0
)
update candidate c set redacted_by = :act, content_hash = ''::bytea, raw = '', ine = null, birth_name = '', used_name = null, given_names = '{}', sex = null,
  birth_date = null, birth_commune = null, birth_place = null, birth_country = null, name_key = ''
from diploma d
where d.id = :diploma and c.session_id = d.session_id and c.candidate_number = d.candidate_number and c.redacted_by is null
  and ((:import_id)::uuid is null or c.import_id = :import_id);

-- name: hash_again
-- What a release of imports would publish, after their lines have changed.
update import i set content_hash = (
  select sha256(coalesce(string_agg(c.content_hash, ''::bytea order by c.line), ''::bytea)) from candidate c
  where c.session_id = i.session_id and c.import_id = i.id and c.decision = 'ADMIS')
where i.id = any((:imports)::uuid[]) and i.state in ('STAGED', 'CURRENT');

-- name: to_forget_in_session
-- The diplomas of a session whose lines name nobody any more, each with the latest act that took their names away.
select distinct on (t.diploma_id) t.diploma_id, t.id as act_id from diploma_act t
where t.session_id = :session and t.approved_at is not null and t.kind in ('IDENTITY_CHANGE', 'ERASURE')
order by t.diploma_id, t.id desc;

-- name: forget_documents
-- The attestations of the versions of a diploma before one are no more: their links open nothing, and their files are to be dropped.
with gone as (
  update document set state = 'OVERTAKEN', digest = null, size = null, link_closed_at = coalesce(link_closed_at, now())
  where diploma_id = :diploma and version < (:version)::int returning old.digest as digest
)
insert into document_drop (digest) select digest from gone where digest is not null on conflict do nothing;

-- name: to_drop
-- Files that no document names any more.
select p.digest from document_drop p where not exists (select from document o where o.digest = p.digest) order by p.asked_at limit 100;

-- name: dropped
-- A file that is gone.
delete from document_drop where digest = :digest;

-- name: persons_of_holder
-- Who the account that holds a diploma is said to be, wherever it is kept: its identities, its requests, and what was delivered on them.
select 'identity' as kind, null::uuid as id, i.provider, i.subject, i.person, null::jsonb as represented
from holding h join identity i on i.account_id = h.account_id where h.diploma_id = :diploma
union all
select 'claim', c.id, null, null, c.person, null from holding h join claim c on c.account_id = h.account_id where h.diploma_id = :diploma and c.person <> '{}'
union all
select 'request', q.id, null, null, q.person, q.represented from holding h join document_request q on q.account_id = h.account_id where h.diploma_id = :diploma
union all
select 'delivery', d.id, null, null, jsonb_build_object('family_name', d.facts -> 'birth_name', 'used_name', d.facts -> 'used_name'), null
from holding h join document_request q on q.account_id = h.account_id join document_request_delivery d on d.request_id = q.id
where h.diploma_id = :diploma and d.facts <> '{}' and d.piece_id is not null;

-- name: rename_identity
-- Whom an identity is said to be from now on, until its provider says otherwise.
update identity set person = :person where provider = :provider and subject = :subject;

-- name: rename_claim
-- Who made a request to add a diploma, as he is called now.
update claim set person = :person where id = :id;

-- name: rename_request
-- Who made a request to an academy, and for whom, as they are called now.
update document_request set person = :person, represented = :represented where id = :id;

-- name: forget_delivery
-- What a sealed document says is in its file alone from now on: if that is lost, it is asked for again.
update document_request_delivery set facts = '{}' where id = :id;

-- name: erase_versions
-- An erased diploma's versions say nothing of anybody, nor what he was awarded.
update diploma_version set redacted_by = :act, content_hash = ''::bytea, ine = null, birth_name = '', used_name = null, given_names = '{}', sex = null,
  birth_date = null, birth_commune = null, birth_place = null, birth_country = null, name_key = '', establishment = null, mention = null,
  details = '{}'
where diploma_id = :diploma;

-- name: erase_candidates
-- Nor do the lines of its candidate.
update candidate c set results = '{}', details = '{}', flag = null, mention = null, establishment = null, key_lookup = null
from diploma d where d.id = :diploma and c.session_id = d.session_id and c.candidate_number = d.candidate_number;

-- name: erase_around
-- Nobody holds an erased diploma; what was archived of it, its keys and what requests found of it are gone.
with archived as (
  delete from identity_archive where diploma_id = :diploma
), keys as (
  delete from control_key where lookup = any((:lookups)::bytea[]) and diploma_id = :diploma
), candidates as (
  delete from claim_candidate where diploma_id = :diploma
), shares as (
  delete from share where diploma_id = :diploma
)
delete from holding where diploma_id = :diploma;
