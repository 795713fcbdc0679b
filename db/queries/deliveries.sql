-- name: deliverable
-- What is known of a request of an agent's academies when he delivers: who has it, where it stands, whose diploma it is and which.
select r.id, r.kind, r.state, r.reference, r.family, r.year, r.assigned_to, g.name as assigned_name,
  coalesce(r.represented, r.person) as person, a.code as academy_code, a.name as academy_name, e.name as service_name
from document_request r join academy a on a.code = r.obtained_in
join academy d on d.code = r.academy_code left join exam_service e on e.code = d.exam_service_code
left join agent g on g.id = r.assigned_to
where r.id = :request and r.academy_code = any((:academies)::text[]);

-- name: ask
-- The document of an accepted request that an agent has, asked of the seal service; again with other facts, when the first ones did not go on
-- a page. No row when the request is not accepted, of that kind and his, or its document is there or under way.
with asked as (
  insert into document_request_delivery (request_id, facts, agent_id)
  select r.id, (:facts)::jsonb, :agent from document_request r
  where r.id = :request and r.academy_code = any((:academies)::text[]) and r.assigned_to = :agent
    and r.state = 'ACCEPTED' and r.kind = :kind
  on conflict (request_id) do update set facts = excluded.facts, agent_id = excluded.agent_id, asked_at = now()
  where exists (select from document o where o.delivery_id = document_request_delivery.id and o.state = 'IMPOSSIBLE')
  returning id
)
insert into document (delivery_id, urgent) select id, true from asked
on conflict (delivery_id) do update set state = 'WAITING', attempts = 0, due_at = now(), problem = null
returning delivery_id;

-- name: of_request
-- What is delivered on requests of an agent's academies, with its file once it is sealed.
select d.request_id, o.state, p.id as piece_id, p.kind as piece_kind, p.file_name as piece_file_name,
  p.media_type as piece_media_type, p.size as piece_size, p.uploaded_at as piece_uploaded_at, p.destroyed_at as piece_destroyed_at,
  'SERVICE' as piece_sender
from document_request_delivery d join document_request r on r.id = d.request_id join document o on o.delivery_id = d.id
left join document_request_piece p on p.id = d.piece_id
where d.request_id = any((:requests)::uuid[]) and r.academy_code = any((:academies)::text[]);

-- name: to_draw
-- What documents to seal say that are delivered on requests, unless it was forgotten with the account.
select o.id as document_id, d.id, d.facts, d.asked_at from document o join document_request_delivery d on d.id = o.delivery_id
where o.id = any((:documents)::uuid[]) and o.state = 'WAITING' and d.facts <> '{}';

-- name: sealed
-- A document is sealed, with a time stamp: the request is delivered, and its applicant has the file. Whom to tell of which request; no row when
-- another process sealed it meanwhile. A document that had been lost only gets its file again, and nobody is told.
with done as (
  update document o set state = 'SEALED', digest = :digest, size = :size, sealed_at = :sealed_at, problem = null, attempts = 0,
    due_at = :archive_at
  where o.id = :document and o.state = 'WAITING' returning o.delivery_id
), delivery as (
  select d.*, r.reference, r.account_id, r.kind from done join document_request_delivery d on d.id = done.delivery_id
  join document_request r on r.id = d.request_id
), again as (
  update document_request_piece p set digest = :digest, size = :size from delivery d where p.id = d.piece_id
), piece as (
  insert into document_request_piece (request_id, kind, file_name, media_type, size, digest, agent_id)
  select request_id, 'DELIVERED', case kind when 'ATTESTATION' then 'attestation-' else 'releve-de-notes-' end || reference || '.pdf',
    'application/pdf', :size, :digest, agent_id
  from delivery where piece_id is null returning id, request_id
), committed as (
  update document_request_delivery d set commitment = :commitment, piece_id = coalesce(d.piece_id, (select p.id from piece p))
  from done where d.id = done.delivery_id
), delivered as (
  update document_request r set state = 'DELIVERED', ended_at = now() from delivery d
  where r.id = d.request_id and r.state = 'ACCEPTED' returning r.id, r.reference, r.account_id, d.agent_id
), noted as (
  insert into document_request_event (request_id, kind, state, agent_id) select id, 'STATE', 'DELIVERED', agent_id from delivered
)
select d.account_id as told, d.reference from done left join delivered d on true;

-- name: deliver_scans
-- The agent who has an accepted request for scripts delivers the scans that he added. No row when he has not, or there are none.
with delivered as (
  update document_request r set state = 'DELIVERED', ended_at = now()
  where r.id = :request and r.academy_code = any((:academies)::text[]) and r.assigned_to = :agent and r.state = 'ACCEPTED'
    and r.kind = 'SCRIPTS' and exists (
      select from document_request_piece p where p.request_id = r.id and p.kind = 'DELIVERED' and p.digest is not null)
  returning r.id, r.account_id, r.reference
), noted as (
  insert into document_request_event (request_id, kind, state, agent_id) select id, 'STATE', 'DELIVERED', :agent from delivered
)
select account_id, reference from delivered;

-- name: committed
-- Whether a document of that id and commitment was sealed for a request.
select exists (select from document_request_delivery where id = :delivery and commitment = :commitment);
