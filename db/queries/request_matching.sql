-- name: ask
-- Requests for a diploma that a publication may show are to be tried again; a worker is told at the commit.
with asked as (
  insert into request_search (publication_id, family, year, academy_code)
  select p.id, s.family, s.year, s.academy_code from publication p join exam_session s on s.id = p.session_id
  where p.id = :publication returning publication_id
)
select pg_notify('parchemin_work', '') from asked;

-- name: claim
-- The search that was asked for first, kept from other workers until the end of the transaction; no row when there is none.
select publication_id, family, year, academy_code, tried_up_to from request_search
order by asked_at limit 1 for update skip locked;

-- name: next
-- The next request for a missing diploma that a session may answer: it names the session's academy, or one that this has become. A person
-- whom somebody represents has no account that could hold it.
with recursive line as (
  select a.code, a.successor_code from academy a where a.code = :academy
  union
  select a.code, a.successor_code from academy a join line l on a.code = l.successor_code
)
select q.id, q.account_id from document_request q
where q.kind = 'ATTESTATION' and q.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED') and q.family = :family and q.year = :year
  and q.id > :after and q.represented is null and q.obtained_in in (select code from line)
order by q.id limit 1;

-- name: tried
-- A search goes on after a request.
update request_search set tried_up_to = :request where publication_id = :publication;

-- name: end
-- A search has tried all.
delete from request_search where publication_id = :publication;

-- name: open
-- A request that is still open, with who its account is now: as a provider says, if one does. Whoever acts on it waits; no row when it is
-- decided.
select q.family, q.year, q.obtained_in, q.asked, i.person, i.proven
from document_request q cross join lateral (
  select x.person, x.proven from identity x where x.account_id = q.account_id order by x.proven desc, x.last_seen_at desc limit 1) i
where q.id = :request and q.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED') for no key update of q;

-- name: answer
-- The missing diploma is the applicant's: the request is closed, by nobody.
with answered as (
  update document_request set state = 'DELIVERED', decided_at = now(), ended_at = now(), waiting_since = null, missing_pieces = '{}'
  where id = :request and state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED') returning id, account_id, reference
), noted as (
  insert into document_request_event (request_id, kind, state) select id, 'STATE', 'DELIVERED' from answered
)
select account_id, reference from answered;

-- name: not_linked
-- The session is published, and no record is certainly the applicant's: the agent is told.
insert into document_request_event (request_id, kind) values (:request, 'NOT_LINKED');
