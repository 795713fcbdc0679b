select x.o, convert_to('{"diplomas":'
|| (select '{"edges":'
|| '['
|| coalesce(string_agg('{"cursor":'
|| '"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r1.id)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"'
|| ',"node":{"attestation":'
|| coalesce((select '{"id":'
|| '"'
|| replace(encode(convert_to('Attestation:'
|| (r2.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| E',"state":\x010:['
|| coalesce(to_json(r2.state)::text, 'null')
|| E']\x02,"version":'
|| coalesce((r2.version)::text, E'\x03')
|| ',"askedAt":'
|| coalesce('"'
|| replace(to_char(r2.asked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"sealedAt":'
|| coalesce('"'
|| replace(to_char(r2.sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', 'null')
|| ',"size":'
|| coalesce((r2.size)::text, 'null')
|| ',"digest":'
|| coalesce(to_json(r2.digest_hex)::text, 'null')
|| E',"url":\x011:['
|| coalesce(to_json(r2.id)::text, 'null')
|| ','
|| coalesce(to_json(r2.state)::text, 'null')
|| E']\x02}'
from (select o.id, o.diploma_id, o.version, o.state, o.asked_at, o.sealed_at, o.digest, encode(o.digest, 'hex') as digest_hex, o.size
from holding h join published_diploma p on p.id = h.diploma_id
join document o on o.diploma_id = p.id and o.version = p.version and o.generation = p.key_generation
where h.account_id = (x.p6)::uuid and h.frozen_at is null and h.diploma_id = r1.id) as r2 limit 1), 'null')
|| '}}', ',') filter (where r1.page_place < x.p5), '')
|| ']'
|| ',"pageInfo":{"hasNextPage":'
|| case when count(*) >= x.p5 then 'true' else 'false' end
|| ',"hasPreviousPage":false,"startCursor":'
|| coalesce(max('"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r1.id)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"') filter (where r1.page_place = 1), 'null')
|| ',"endCursor":'
|| coalesce(max('"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r1.id)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"') filter (where r1.page_place = least(r1.page_total, x.p5 - 1)), 'null')
|| '}}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select h.attached_at, (coalesce(p.awarded_on, make_date(p.session_year, 12, 31)) + interval '50 years')::date as kept_until, p.*
from holding h join published_diploma p on p.id = h.diploma_id
where h.account_id = (x.p3)::uuid and h.frozen_at is null and h.diploma_id < (x.p4)::uuid
order by h.diploma_id desc limit (x.p5)::int) as page) as r1 having true)
|| '}', 'UTF8')
from unnest($1::uuid[], $2::jsonb[], $3::uuid[], $4::uuid[], $5::int[], $6::uuid[]) with ordinality as x (p1, p2, p3, p4, p5, p6, o)
cross join lateral (select (x.p1)::uuid as id, (x.p2)::jsonb as identity where (x.p1)::uuid is not null) as found;
