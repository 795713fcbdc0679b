select x.o, convert_to((select '{"edges":'
|| '['
|| coalesce(string_agg('{"node":{"id":'
|| '"'
|| replace(encode(convert_to('DiplomaReview:'
|| (r1.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"reference":'
|| coalesce(to_json(r1.reference)::text, E'\x03')
|| ',"state":'
|| coalesce(case when r1.state in ('REVIEW', 'FROZEN', 'NOT_FOUND', 'ADDED', 'REFUSED') then '"'
|| r1.state
|| '"' when r1.state is not null then E'\x03' end, E'\x03')
|| ',"createdAt":'
|| coalesce('"'
|| replace(to_char(r1.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(r1.name)::text, E'\x03')
|| '},"person":'
|| case coalesce(jsonb_typeof(r1.asker), 'null') when 'object' then '{"familyName":'
|| coalesce(case coalesce(jsonb_typeof((r1.asker -> 'family_name')), 'null') when 'string' then ((r1.asker -> 'family_name'))::text when 'null' then null else E'\x03' end, E'\x03')
|| ',"givenNames":'
|| coalesce(case coalesce(jsonb_typeof((r1.asker -> 'given_names')), 'null') when 'array' then (select case when bool_and(jsonb_typeof(e) = 'string') is not false then '['
|| coalesce(string_agg(e::text, ','), '')
|| ']' else E'\x03' end from jsonb_array_elements((r1.asker -> 'given_names')) as e) when 'null' then null else E'\x03' end, E'\x03')
|| ',"birthDate":'
|| coalesce(case coalesce(jsonb_typeof((r1.asker -> 'birth_date')), 'null') when 'string' then ((r1.asker -> 'birth_date'))::text when 'null' then null else E'\x03' end, E'\x03')
|| ',"birthCommune":'
|| coalesce(case coalesce(jsonb_typeof((r1.asker -> 'birth_commune')), 'null') when 'string' then ((r1.asker -> 'birth_commune'))::text when 'null' then null else E'\x03' end, 'null')
|| E',"proven":\x010:['
|| coalesce(((r1.asker -> 'identity'))::text, 'null')
|| E']\x02,"ine":'
|| coalesce(case coalesce(jsonb_typeof((r1.asker -> 'ine')), 'null') when 'string' then ((r1.asker -> 'ine'))::text when 'null' then null else E'\x03' end, 'null')
|| '}' when 'null' then 'null' else E'\x03' end
|| ',"candidates":'
|| (select '['
|| coalesce(string_agg('{"twoAgents":'
|| coalesce((r2.two_agents)::text, E'\x03')
|| ',"heldByAnother":'
|| coalesce((r2.held_by_another)::text, E'\x03')
|| ',"diploma":{"__typename":'
|| case r2.family when 'dnb' then '"Brevet"' when 'cap' then '"CertificatAptitudeProfessionnelle"' when 'bep' then '"BrevetEtudesProfessionnelles"' when 'bac' then '"Baccalaureat"' when 'bts' then '"BrevetTechnicienSuperieur"' when 'higher' then '"HigherEducationDiploma"' else '"OtherDiploma"' end
|| ',"id":'
|| '"'
|| replace(encode(convert_to('Diploma:'
|| (r2.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"title":'
|| coalesce(to_json(r2.title)::text, E'\x03')
|| ',"session":'
|| coalesce((r2.session_year)::text, E'\x03')
|| '},"person":{"birthName":'
|| coalesce(to_json(r2.birth_name)::text, E'\x03')
|| ',"givenNames":'
|| coalesce(case when array_position(r2.given_names, null) is null then to_json(r2.given_names)::text else E'\x03' end, E'\x03')
|| ',"birthDate":'
|| coalesce(to_json(r2.birth_date)::text, 'null')
|| ',"birthPlace":'
|| coalesce(to_json(r2.birth_place)::text, 'null')
|| '},"comparisons":'
|| case coalesce(jsonb_typeof(r2.comparisons), 'null') when 'array' then (select '['
|| coalesce(string_agg(case coalesce(jsonb_typeof(r3.value), 'null') when 'object' then '{"field":'
|| coalesce(case coalesce(jsonb_typeof((r3.value -> 'field')), 'null') when 'string' then ((r3.value -> 'field'))::text when 'null' then null else E'\x03' end, E'\x03')
|| ',"outcome":'
|| coalesce(case coalesce(jsonb_typeof((r3.value -> 'outcome')), 'null') when 'string' then ((r3.value -> 'outcome'))::text when 'null' then null else E'\x03' end, E'\x03')
|| E',"explanation":\x011:['
|| coalesce(((r3.value -> 'field'))::text, 'null')
|| ','
|| coalesce(((r3.value -> 'outcome'))::text, 'null')
|| E']\x02}' when 'null' then E'\x03' else E'\x03' end, ',' order by r3.place), '')
|| ']' from jsonb_array_elements(r2.comparisons) with ordinality as r3 (value, place)) when 'null' then '[]' else E'\x03' end
|| '}', ','), '')
|| ']'
from (select k.claim_id, exists (select from holding h where h.diploma_id = k.diploma_id and h.account_id <> c.account_id)
    as held_by_another,
  c.state = 'FROZEN' or exists (select from holding h where h.diploma_id = k.diploma_id and h.account_id <> c.account_id)
    or k.comparison ->> 'sex' = 'DIFFERS' or k.comparison ->> 'family' <> 'EQ' as two_agents,
  (select jsonb_agg(jsonb_build_object('field', upper(t.test), 'outcome', k.comparison ->> t.test) order by t.place)
   
from unnest((x.p5)::text[]) with ordinality as t (test, place) where k.comparison ->> t.test <> '') as comparisons, p.*
from claim c join claim_candidate k on k.claim_id = c.id join published_diploma p on p.id = k.diploma_id
where c.id = r1.id and c.academy_code = any((x.p6)::text[])
order by k.claim_id, k.diploma_id) as r2)
|| ',"decisions":'
|| (select '['
|| coalesce(string_agg('{"kind":'
|| coalesce(case when r4.kind in ('ATTACH', 'REFUSE', 'DETACH') then '"'
|| r4.kind
|| '"' when r4.kind is not null then E'\x03' end, E'\x03')
|| ',"reason":'
|| coalesce(to_json(r4.reason)::text, E'\x03')
|| ',"preparedBy":'
|| coalesce(to_json(r4.prepared_by)::text, E'\x03')
|| ',"preparedAt":'
|| coalesce('"'
|| replace(to_char(r4.prepared_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| '}', ','), '')
|| ']'
from (select c.id as claim_id, d.id, d.kind, d.reason, d.two_agents, p.name as prepared_by, d.prepared_at, a.name as approved_by,
  d.approved_at, d.cancelled_at
from claim c
cross join lateral (select d.* from review_decision d where d.claim_id = c.id order by d.id desc limit 10) d
join agent p on p.id = d.prepared_by left join agent a on a.id = d.approved_by
where c.id = r1.id and c.academy_code = any((x.p7)::text[])
order by c.id, d.id desc) as r4)
|| '}}', ',') filter (where r1.page_place < x.p4), '')
|| ']'
|| ',"pageInfo":{"hasNextPage":'
|| case when count(*) >= x.p4 then 'true' else 'false' end
|| ',"endCursor":'
|| coalesce(max('"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r1.id)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"') filter (where r1.page_place = least(r1.page_total, x.p4 - 1)), 'null')
|| '}}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select c.*
from (
  select k.id
from unnest((x.p1)::text[]) as a (code)
cross join lateral (
    select k.id from claim k
    where k.academy_code = a.code and k.state in ('REVIEW', 'FROZEN') and k.id > (x.p2)::uuid
      and ((x.p3)::text is null or k.family = x.p3)
    order by k.id limit (x.p4)::int) k
  order by k.id limit (x.p4)::int) w
join shown_claim c on c.id = w.id order by c.id) as page) as r1 having true), 'UTF8')
from (select x.o, x.p1::text[] as p1, x.p2::uuid as p2, x.p3::text as p3, x.p4::int as p4, x.p5::text[] as p5, x.p6::text[] as p6, x.p7::text[] as p7
from unnest($1::text[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[]) with ordinality as x (p1, p2, p3, p4, p5, p6, p7, o) offset 0) as x;
