-- What the rules made of a request when it came: later rules change nothing of it.

alter table document_request
  -- what no answer in the delay means
  add column silence text not null check (silence in ('REFUSAL', 'ACCEPTANCE')),
  -- the kinds of pieces that are awaited: asking puts them in, and a piece of the kind takes it out
  add column missing_pieces text[] not null default '{}'
    check (missing_pieces <@ '{IDENTITY,MANDATE,CIVIL_STATUS,AUTHORITY,OTHER}'::text[]);

-- somebody asks for a document once: the same request is refused while one is open
create unique index document_request_once on document_request
  (account_id, kind, family, year, obtained_in, coalesce(country_code, ''), (coalesce(represented, '{}')))
  where state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED');

-- A request as both sides read it: with the academy where the exam was passed, and the exam service that answers.
create view shown_document_request as
select q.*,
  a.code as obtained_code, a.name as obtained_name, a.kind as obtained_kind, coalesce(a.departments, '') as obtained_departments,
  a.valid_from as obtained_valid_from, a.valid_until as obtained_valid_until, a.successor_code as obtained_successor_code,
  r.code as region_code, r.name as region_name, r.insee_code as region_insee_code,
  e.code as service_code, e.name as service_name, e.city as service_city, e.website as service_website,
  s.code as answering_service_code, s.name as answering_service_name, s.city as answering_service_city,
  s.website as answering_service_website
from document_request q join academy a on a.code = q.obtained_in
left join academic_region r on r.code = a.region_code left join exam_service e on e.code = a.exam_service_code
join academy d on d.code = q.academy_code left join exam_service s on s.code = d.exam_service_code;
