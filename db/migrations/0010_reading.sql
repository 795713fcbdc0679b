-- What agents see of sessions, their imports and publications, and of holders' requests: each in one row, of which a statement takes
-- what it is asked for.

create view shown_session as
select s.id, s.family, s.academy_code, s.year, s.state, s.edition, s.import_id, s.published_at, s.published_count,
  (select count(*) from candidate c where c.session_id = s.id and c.import_id = s.import_id
    and c.decision in ('SECOND_GROUPE', 'REMPLACEMENT', 'EN_ATTENTE')) as undecided,
  (select count(*) from candidate c where c.session_id = s.id and c.import_id = s.import_id
    and c.flag is not null and c.confirmed_at is null) as unconfirmed,
  array(select g.code from jury_group g where g.session_id = s.id and g.closed_at is null order by g.position) as open_groups
from exam_session s;

create view shown_import as
select i.id, i.session_id, s.academy_code, i.file_name, i.state, i.encoding, i.separator, i.lines, i.total_lines, i.accepted, i.admitted,
  i.refused, i.flagged, i.difference, i.problem, i.submitted_at, i.ended_at, i.replaces, a.name as submitted_by
from import i join exam_session s on s.id = i.session_id join agent a on a.id = i.submitted_by;

create view shown_publication as
select p.id, p.session_id, s.academy_code, p.edition, p.count, p.added, p.changed, p.revoked, p.warnings,
  encode(p.content_hash, 'hex') as content_hash_hex, p.prepared_at, p.approved_at, p.release_at, p.released_at, p.cancelled_at,
  p.withdrawal_requested_at, p.withdrawal_reason, p.withdrawn_at, prepared.name as prepared_by, approved.name as approved_by,
  requested.name as withdrawal_requested_by, withdrawn.name as withdrawn_by
from publication p join exam_session s on s.id = p.session_id
join agent prepared on prepared.id = p.prepared_by left join agent approved on approved.id = p.approved_by
left join agent requested on requested.id = p.withdrawal_requested_by left join agent withdrawn on withdrawn.id = p.withdrawn_by;

create view shown_claim as
select c.id, c.account_id, c.reference, c.family, c.year, c.academy_code, c.state, c.created_at,
  case c.state when 'ADDED' then 'ADDED' when 'REFUSED' then 'REFUSED' else 'NOT_LINKED' end as shown_state,
  case when c.person <> '{}' then c.person || c.facts end as asker,
  a.code, a.name, a.kind, coalesce(a.departments, '') as departments, a.valid_from, a.valid_until, a.successor_code,
  r.code as region_code, r.name as region_name, r.insee_code as region_insee_code,
  e.code as service_code, e.name as service_name, e.city as service_city, e.website as service_website
from claim c join academy a on a.code = c.academy_code
left join academic_region r on r.code = a.region_code left join exam_service e on e.code = a.exam_service_code;
