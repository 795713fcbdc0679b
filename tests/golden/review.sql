select x.o, convert_to('{"id":'
|| '"'
|| replace(encode(convert_to('DiplomaReview:'
|| (found.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"state":'
|| coalesce(case when found.state in ('REVIEW', 'FROZEN', 'NOT_FOUND', 'ADDED', 'REFUSED') then '"'
|| found.state
|| '"' when found.state is not null then E'\x03' end, E'\x03')
|| ',"candidates":'
|| (select '['
|| coalesce(string_agg('{"diploma":{"id":'
|| '"'
|| replace(encode(convert_to('Diploma:'
|| (r1.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| '}}', ','), '')
|| ']'
from (select k.claim_id, exists (select from holding h where h.diploma_id = k.diploma_id and h.account_id <> c.account_id)
    as held_by_another,
  c.state = 'FROZEN' or exists (select from holding h where h.diploma_id = k.diploma_id and h.account_id <> c.account_id)
    or k.comparison ->> 'sex' = 'DIFFERS' or k.comparison ->> 'family' <> 'EQ' as two_agents,
  (select jsonb_agg(jsonb_build_object('field', upper(t.test), 'outcome', k.comparison ->> t.test) order by t.place)
   
from unnest((x.p3)::text[]) with ordinality as t (test, place) where k.comparison ->> t.test <> '') as comparisons, p.*
from claim c join claim_candidate k on k.claim_id = c.id join published_diploma p on p.id = k.diploma_id
where c.id = found.id and c.academy_code = any((x.p4)::text[])
order by k.claim_id, k.diploma_id) as r1)
|| '}', 'UTF8')
from (select x.o, x.p1::text as p1, x.p2::text[] as p2, x.p3::text[] as p3, x.p4::text[] as p4
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as x (p1, p2, p3, p4, o) offset 0) as x
cross join lateral (select c.* from shown_claim c where c.reference = (x.p1)::text and c.academy_code = any((x.p2)::text[])) as found;
