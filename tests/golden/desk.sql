select x.o, convert_to((select '{"edges":'
|| '['
|| coalesce(string_agg('{"cursor":'
|| '"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r1.id)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"'
|| ',"node":{"id":'
|| '"'
|| replace(encode(convert_to('DeskRequest:'
|| (r1.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"reference":'
|| coalesce(to_json(r1.reference)::text, E'\x03')
|| ',"kind":'
|| coalesce(case when r1.kind in ('ATTESTATION', 'MARK_SHEET', 'SCRIPTS', 'COLLECTION', 'REISSUE') then '"'
|| r1.kind
|| '"' when r1.kind is not null then E'\x03' end, E'\x03')
|| ',"session":'
|| coalesce((r1.year)::text, E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(r1.obtained_name)::text, E'\x03')
|| '},"diploma":'
|| case coalesce(jsonb_typeof(r1.asked), 'null') when 'object' then '{"title":'
|| coalesce(case coalesce(jsonb_typeof((r1.asked -> 'title')), 'null') when 'string' then ((r1.asked -> 'title'))::text when 'null' then null else E'\x03' end, 'null')
|| '}' when 'null' then E'\x03' else E'\x03' end
|| ',"applicant":'
|| case coalesce(jsonb_typeof(r1.applicant), 'null') when 'object' then '{"familyName":'
|| coalesce(case coalesce(jsonb_typeof((r1.applicant -> 'family_name')), 'null') when 'string' then ((r1.applicant -> 'family_name'))::text when 'null' then null else E'\x03' end, E'\x03')
|| ',"givenNames":'
|| coalesce(case coalesce(jsonb_typeof((r1.applicant -> 'given_names')), 'null') when 'array' then (select case when bool_and(jsonb_typeof(e) = 'string') is not false then '['
|| coalesce(string_agg(e::text, ','), '')
|| ']' else E'\x03' end from jsonb_array_elements((r1.applicant -> 'given_names')) as e) when 'null' then null else E'\x03' end, E'\x03')
|| '}' when 'null' then 'null' else E'\x03' end
|| ',"state":'
|| coalesce(case when r1.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED', 'REFUSED', 'WITHDRAWN', 'DELIVERED') then '"'
|| r1.state
|| '"' when r1.state is not null then E'\x03' end, E'\x03')
|| ',"assignedTo":'
|| coalesce(to_json(r1.assigned_name)::text, 'null')
|| ',"dueOn":'
|| coalesce(to_json(r1.due_on)::text, E'\x03')
|| ',"daysLeft":'
|| coalesce((r1.days_left)::text, 'null')
|| ',"overdue":'
|| coalesce((r1.overdue)::text, E'\x03')
|| E',"missingPieces":\x010:['
|| coalesce(to_json(r1.missing_pieces)::text, 'null')
|| E']\x02,"messages":'
|| (select '['
|| coalesce(string_agg('{"writtenAt":'
|| coalesce('"'
|| replace(to_char(r2.written_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"author":'
|| coalesce(case when r2.author in ('APPLICANT', 'SERVICE', 'REGISTER') then '"'
|| r2.author
|| '"' when r2.author is not null then E'\x03' end, E'\x03')
|| ',"agent":'
|| coalesce(to_json(r2.agent)::text, 'null')
|| ',"body":'
|| coalesce(to_json(r2.body)::text, E'\x03')
|| '}', ','), '')
|| ']'
from (select q.id as request_id, m.id, m.body, uuid_extract_timestamp(m.id) as written_at, g.name as agent,
  case when m.agent_id is null then 'APPLICANT' else 'SERVICE' end as author
from document_request q
cross join lateral (
  select w.* from document_request_message w where w.request_id = q.id order by w.id desc limit 50) m
left join agent g on g.id = m.agent_id
where q.id = r1.id and q.academy_code = any((x.p12)::text[])
order by q.id, m.id) as r2)
|| ',"history":'
|| (select '['
|| coalesce(string_agg('{"at":'
|| coalesce('"'
|| replace(to_char(r3.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"kind":'
|| coalesce(case when r3.kind in ('STATE', 'MESSAGE', 'PIECE', 'ASSIGNMENT', 'NOT_LINKED') then '"'
|| r3.kind
|| '"' when r3.kind is not null then E'\x03' end, E'\x03')
|| ',"state":'
|| coalesce(case when r3.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED', 'REFUSED', 'WITHDRAWN', 'DELIVERED') then '"'
|| r3.state
|| '"' when r3.state is not null then E'\x03' end, 'null')
|| ',"actor":'
|| coalesce(case when r3.actor in ('APPLICANT', 'SERVICE', 'REGISTER') then '"'
|| r3.actor
|| '"' when r3.actor is not null then E'\x03' end, E'\x03')
|| ',"agent":'
|| coalesce(to_json(r3.agent)::text, 'null')
|| '}', ','), '')
|| ']'
from (select q.id as request_id, e.id, e.kind, e.state, uuid_extract_timestamp(e.id) as at, g.name as agent, e.facts ->> 'piece' as piece,
  case when e.agent_id is not null then 'SERVICE' when e.account_id is not null then 'APPLICANT' else 'REGISTER' end as actor
from document_request q
cross join lateral (
  select w.* from document_request_event w where w.request_id = q.id order by w.id desc limit 50) e
left join agent g on g.id = e.agent_id
where q.id = r1.id and q.academy_code = any((x.p13)::text[])
order by q.id, e.id) as r3)
|| '}}', ',') filter (where r1.page_place < x.p11), '')
|| ']'
|| ',"pageInfo":{"hasNextPage":'
|| case when count(*) >= x.p11 then 'true' else 'false' end
|| '}}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select r.*
from (
  select w.id
from unnest((x.p1)::text[]) as a (code)
cross join lateral (
    (select q.id from document_request q
    where q.academy_code = a.code and q.id > (x.p2)::uuid
      and q.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED')
      and ((x.p3)::text[] is null or q.state = any((x.p3)::text[]))
      and ((x.p4)::text[] is null or q.kind = any((x.p4)::text[]))
      and ((x.p5)::text[] is null or q.family = any((x.p5)::text[]))
      and case (x.p6)::text when 'MINE' then q.assigned_to = (x.p7)::uuid when 'NOBODY' then q.assigned_to is null
        when 'SOMEBODY' then q.assigned_to is not null else true end
      and ((x.p8)::text is null or q.assigned_to = (select g.id from agent g where g.name = (x.p8)::text))
      and ((x.p9)::date is null or q.due_on < (x.p9)::date)
      and ((x.p10)::boolean is null
        or (q.state <> 'ACCEPTED' and days_left(q.due_on, q.waiting_since) < 0) = (x.p10)::boolean)
    order by q.id limit (x.p11)::int)
    union all
    (select q.id from document_request q
    where (x.p3)::text[] && '{REFUSED,WITHDRAWN,DELIVERED}'::text[] and not coalesce((x.p10)::boolean, false)
      and q.academy_code = a.code and q.id > (x.p2)::uuid and q.state in ('REFUSED', 'WITHDRAWN', 'DELIVERED')
      and q.state = any((x.p3)::text[])
      and ((x.p4)::text[] is null or q.kind = any((x.p4)::text[]))
      and ((x.p5)::text[] is null or q.family = any((x.p5)::text[]))
      and case (x.p6)::text when 'MINE' then q.assigned_to = (x.p7)::uuid when 'NOBODY' then q.assigned_to is null
        when 'SOMEBODY' then q.assigned_to is not null else true end
      and ((x.p8)::text is null or q.assigned_to = (select g.id from agent g where g.name = (x.p8)::text))
      and ((x.p9)::date is null or q.due_on < (x.p9)::date)
    order by q.id limit (x.p11)::int)
  ) w order by w.id limit (x.p11)::int) p
cross join lateral (select v.* from shown_desk_request v where v.id = p.id limit 1) r order by r.id) as page) as r1 having true), 'UTF8')
from (select x.o, x.p1::text[] as p1, x.p2::uuid as p2, x.p3::text[] as p3, x.p4::text[] as p4, x.p5::text[] as p5, x.p6::text as p6, x.p7::uuid as p7, x.p8::text as p8, x.p9::date as p9, x.p10::boolean as p10, x.p11::int as p11, x.p12::text[] as p12, x.p13::text[] as p13
from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::date[], $10::boolean[], $11::int[], $12::text[], $13::text[]) with ordinality as x (p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, o) offset 0) as x;
