-- name: contents
-- What the release of an import would publish: how many diplomas, and the hash of them all. Reading a file tells it too, mostly.
select count(*) as count,
  sha256(coalesce(string_agg(c.content_hash, ''::bytea order by c.line), ''::bytea)) as hash
from candidate c where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS';

-- name: changes
-- How the next edition of a session differs from what was published before it. What agents have decided of a diploma is kept.
select count(*) filter (where d.id is null) as added,
  count(*) filter (where a.diploma_id is null and (v.content_hash <> c.content_hash or d.status = 'REVOKED')) as changed,
  count(*) filter (where c.line is null and d.status not in ('REVOKED', 'ERASED')) as revoked,
  count(*) filter (where c.line is not null and a.diploma_id is not null) as kept
from (select * from candidate where session_id = :session and import_id = :import_id and decision = 'ADMIS') c
full join (select * from diploma where session_id = :session) d on d.candidate_number = c.candidate_number
left join diploma_version v on v.diploma_id = d.id and v.version = d.version
left join (select distinct diploma_id from diploma_act where session_id = :session and approved_at is not null) a on a.diploma_id = d.id;

-- name: prepare
-- A complete session is prepared; no row when it is not complete.
with prepared as (
  update exam_session set state = 'PREPARED' where id = :session and state = 'COMPLETE' returning id, edition, import_id
)
insert into publication (session_id, edition, import_id, count, added, changed, revoked, warnings, content_hash, mentions, prepared_by)
select p.id, p.edition, p.import_id, i.admitted, :added, :changed, :revoked, :warnings, i.content_hash, (
    select coalesce(jsonb_object_agg(m.mention, m.count), '{}') from (
      select coalesce(c.mention, 'AUCUNE') as mention, count(*) from candidate c
      where c.session_id = p.id and c.import_id = p.import_id and c.decision = 'ADMIS' group by 1) m),
  :agent
from prepared p join import i on i.id = p.import_id returning id;

-- name: cancel
-- The pending preparation is taken back and the session complete again.
with cancelled as (
  update publication set cancelled_by = :agent, cancelled_at = now()
  where session_id = :session and released_at is null and cancelled_at is null returning id, session_id
)
update exam_session s set state = 'COMPLETE' from cancelled c where s.id = c.session_id and s.state = 'PREPARED' returning c.id;

-- name: approve
-- A second agent approves the release of a preparation for a time; no row when he prepared it or it is not pending.
update publication set approved_by = :agent, approved_at = now(), release_at = coalesce((:release_at)::timestamptz, now())
where id = :publication and session_id = :session and released_at is null and cancelled_at is null and approved_by is null
  and prepared_by <> :agent returning id;

-- name: pending
-- The pending preparation of a session.
select id, prepared_by, approved_by, release_at, content_hash from publication
where session_id = :session and released_at is null and cancelled_at is null;

-- name: by_id
-- Publications of sessions of the caller's academies.
select * from shown_publication p where p.id = any((:publications)::uuid[]) and p.academy_code = any((:academies)::text[]);

-- name: of_session
-- The latest publications of sessions of the caller's academies, ten of each at most.
select p.* from unnest((:sessions)::uuid[]) as s (id) cross join lateral (
  select * from shown_publication p where p.session_id = s.id and p.academy_code = any((:academies)::text[])
  order by p.prepared_at desc limit 10) p
order by p.session_id, p.prepared_at desc;

-- name: due
-- The approved publication whose time came first.
select id, session_id from publication
where release_at <= now() and released_at is null and cancelled_at is null and approved_by is not null
order by release_at limit 1;

-- name: next_due
-- When the next approved publication is to be released.
select min(release_at) from publication
where released_at is null and cancelled_at is null and approved_by is not null;

-- name: lock_due
-- Locks a session and its approved publication for release; no row when it is released, cancelled or not due.
select s.id as session_id, s.import_id, s.edition, p.id as publication_id, p.content_hash, p.approved_by, p.count, p.revoked
from publication p join exam_session s on s.id = p.session_id
where p.id = :publication and p.released_at is null and p.cancelled_at is null and p.approved_by is not null
  and p.approved_by <> p.prepared_by and p.release_at <= now() and s.state = 'PREPARED' and s.import_id = p.import_id
for update of s;

-- name: keep_diplomas
-- Candidates whose diploma an earlier edition published keep it.
update candidate c set diploma_id = d.id from diploma d
where c.session_id = :session and c.import_id = :import_id
  and d.session_id = c.session_id and d.candidate_number = c.candidate_number;

-- name: change_diplomas
-- Diplomas of an earlier edition that the import changes or awards again: each goes to its next version. Those on which agents have
-- acted since are theirs: an edition undoes no act, and a line that differs from the one published before is for another act.
update diploma d set version = d.version + 1, status = 'VALID', key_generation = 1
from candidate c, diploma_version v
where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS' and d.id = c.diploma_id
  and v.diploma_id = d.id and v.version = d.version and (v.content_hash <> c.content_hash or d.status = 'REVOKED')
  and not exists (select from diploma_act a where a.diploma_id = d.id and a.approved_at is not null);

-- name: held_back
-- How many diplomas that an import awards do not stand: agents withdrew, annulled or erased them.
select count(*) from candidate c join diploma d on d.id = c.diploma_id
where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS' and d.status in ('REVOKED', 'ERASED');

-- name: revoke_diplomas
-- Diplomas of an earlier edition that the import no longer awards: each gets a version that says so, and no new key.
with gone as (
  update diploma d set version = d.version + 1, status = 'REVOKED', key_generation = 0
  where d.session_id = :session and d.status not in ('REVOKED', 'ERASED') and not exists (
    select from candidate c where c.session_id = d.session_id and c.import_id = :import_id and c.decision = 'ADMIS'
      and c.candidate_number = d.candidate_number)
  returning d.id, d.version
)
insert into diploma_version (diploma_id, version, publication_id, status, content_hash, ine, birth_name, used_name, given_names,
  sex, birth_date, birth_commune, birth_place, birth_country, establishment, title_code, title, national_level, mention,
  awarded_on, name_key, details)
select g.id, g.version, :publication, 'REVOKED', v.content_hash, v.ine, v.birth_name, v.used_name, v.given_names,
  v.sex, v.birth_date, v.birth_commune, v.birth_place, v.birth_country, v.establishment, v.title_code, v.title, v.national_level,
  v.mention, v.awarded_on, v.name_key, v.details
from gone g join diploma_version v on v.diploma_id = g.id and v.version = g.version - 1;

-- name: new_diplomas
-- The diplomas of a first edition.
insert into diploma (id, session_id, candidate_number)
select c.diploma_id, c.session_id, c.candidate_number from candidate c
where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS';

-- name: next_diplomas
-- The diplomas of a later edition's candidates who have none yet.
insert into diploma (id, session_id, candidate_number)
select c.diploma_id, c.session_id, c.candidate_number from candidate c
where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS'
on conflict (id) do nothing;

-- name: first_keys
-- The first keys of a first edition, straight from the candidates' lines, in the order of the index; those that are taken stay out.
-- Fails when another transaction takes one meanwhile: a plain insert takes half the time of one that looks for conflicts row by row.
insert into control_key (lookup, diploma_id, version, generation)
select distinct on (c.key_lookup) c.key_lookup, c.diploma_id, 1, 1 from candidate c
where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS'
  and not exists (select from control_key k where k.lookup = c.key_lookup)
order by c.key_lookup;

-- name: first_versions
-- The versions of a first edition, straight from the candidates' lines; the hash of all that was written, as `contents` makes it.
with written as (
  insert into diploma_version (diploma_id, version, publication_id, status, content_hash, ine, birth_name, used_name, given_names,
    sex, birth_date, birth_commune, birth_place, birth_country, establishment, title_code, title, national_level, mention,
    awarded_on, name_key, details)
  select c.diploma_id, 1, :publication, 'VALID', c.content_hash, c.ine, c.birth_name, c.used_name, c.given_names,
    c.sex, c.birth_date, c.birth_commune, c.birth_place, c.birth_country, c.establishment, c.title_code, c.title, c.national_level,
    c.mention, c.awarded_on, c.name_key, c.details
  from candidate c where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS'
  order by c.line
  returning content_hash
)
select sha256(coalesce(string_agg(content_hash, ''::bytea), ''::bytea)) from written;

-- name: next_versions
-- The versions of a later edition: those of diplomas that are new or changed.
insert into diploma_version (diploma_id, version, publication_id, status, content_hash, ine, birth_name, used_name, given_names,
  sex, birth_date, birth_commune, birth_place, birth_country, establishment, title_code, title, national_level, mention,
  awarded_on, name_key, details)
select d.id, d.version, :publication, 'VALID', c.content_hash, c.ine, c.birth_name, c.used_name, c.given_names,
  c.sex, c.birth_date, c.birth_commune, c.birth_place, c.birth_country, c.establishment, c.title_code, c.title, c.national_level,
  c.mention, c.awarded_on, c.name_key, c.details
from candidate c join diploma d on d.id = c.diploma_id
where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS'
on conflict (diploma_id, version) do nothing;

-- name: versions_without_key
-- The current versions of an import's diplomas that the publication wrote: keys are to be given to them.
select c.diploma_id, v.version from candidate c
join diploma_version v on v.diploma_id = c.diploma_id and v.publication_id = :publication
where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS';

-- name: first_versions_without_key
-- The diplomas of a first edition whose first key was taken already.
select c.diploma_id, 1::smallint as version from candidate c join control_key k on k.lookup = c.key_lookup
where c.session_id = :session and c.import_id = :import_id and c.decision = 'ADMIS' and k.diploma_id <> c.diploma_id;

-- name: released
-- The publication is released: from the commit on, and not before, everybody sees it, and who keeps answers hears of it.
with done as (
  update publication set released_at = now() where id = :publication and released_at is null returning session_id
)
update exam_session s set state = 'PUBLISHED', published_at = now(), published_count = :count
from done where s.id = done.session_id and s.state = 'PREPARED' returning s.id, pg_notify('parchemin_register', '');

-- name: request_withdrawal
-- An agent asks to withdraw a publication within its window; no row when it is too late or asked already.
update publication p set withdrawal_requested_by = :agent, withdrawal_requested_at = now(), withdrawal_reason = :reason
from exam_session s
where p.session_id = :session and s.id = p.session_id and s.state = 'PUBLISHED' and p.edition = s.edition
  and p.released_at > now() - (:window)::interval and p.withdrawal_requested_at is null returning p.id;

-- name: refuse_withdrawal
-- The request to withdraw is turned down.
update publication p set withdrawal_requested_by = null, withdrawal_requested_at = null, withdrawal_reason = null
from exam_session s
where p.session_id = :session and s.id = p.session_id and s.state = 'PUBLISHED' and p.edition = s.edition
  and p.withdrawal_requested_at is not null and p.withdrawn_at is null returning p.id;

-- name: withdraw
-- A second agent withdraws the publication: nobody sees the session any more.
with done as (
  update publication p set withdrawn_by = :agent, withdrawn_at = now() from exam_session s
  where p.session_id = :session and s.id = p.session_id and s.state = 'PUBLISHED' and p.edition = s.edition
    and p.withdrawal_requested_by <> :agent and p.withdrawn_at is null
    and p.released_at > now() - (:window)::interval returning p.id, p.session_id
)
update exam_session s set state = 'WITHDRAWN', published_count = 0, published_at = null
from done where s.id = done.session_id returning done.id, pg_notify('parchemin_register', '');

-- name: withdrawal_standing
-- Why a withdrawal cannot be asked or released: what stands now.
select p.withdrawal_requested_by, p.released_at, p.released_at > now() - (:window)::interval as in_time
from publication p join exam_session s on s.id = p.session_id
where p.session_id = :session and p.edition = s.edition and p.released_at is not null and p.withdrawn_at is null;

-- name: announce
-- Wakes the workers at the commit.
select pg_notify('parchemin_work', '');

-- name: cancel_changed
-- A publication whose content is no longer what was prepared is cancelled by the agent who approved it.
with cancelled as (
  update publication set cancelled_by = approved_by, cancelled_at = now()
  where id = :publication and released_at is null and cancelled_at is null returning session_id
)
update exam_session s set state = 'COMPLETE' from cancelled c where s.id = c.session_id and s.state = 'PREPARED';

-- name: tell_holders
-- Tells, at the commit, the holders of diplomas that a publication changed; of the whole session's when none is named.
select count(pg_notify('parchemin_account', h.account_id::text || ' DIPLOMA_CHANGED'))
from diploma d join holding h on h.diploma_id = d.id
where d.session_id = :session and ((:publication)::uuid is null
  or exists (select from diploma_version v where v.diploma_id = d.id and v.version = d.version and v.publication_id = :publication));
