-- name: lock
-- A request of an account, or of an agent's academies; whoever sends a piece to it waits here for the others.
select state
from document_request where id = :request and (account_id = (:account)::uuid or academy_code = any((:academies)::text[]))
for update;

-- name: same
-- The piece of a request, of the same sender and kind, that holds this very file.
select id from document_request_piece
where request_id = :request and kind = :kind and digest = :digest and (agent_id is null) = ((:agent)::uuid is null);

-- name: announce
-- A file is about to be written: nobody takes it away meanwhile.
insert into piece_file (digest, due_at) values (:digest, now() + interval '1 hour')
on conflict (digest) do update set due_at = excluded.due_at;

-- name: add
-- A piece of a request whose state allows it: of its applicant while it is not decided, of an agent once it is accepted. It is awaited no
-- longer; when it was the last one awaited, the review goes on and so does the delay. No row when the state, or what there is already,
-- does not allow it.
with added as (
  insert into document_request_piece (request_id, kind, file_name, media_type, size, digest, agent_id)
  select r.id, :kind, :file_name, :media_type, :size, :digest, :agent
  from document_request r
  where r.id = :request and (r.account_id = (:account)::uuid or r.academy_code = any((:academies)::text[]))
    and r.state = any(case when (:agent)::uuid is null then '{SUBMITTED,IN_REVIEW,INFORMATION_REQUESTED}'::text[] else '{ACCEPTED}' end)
    and (select count(*) < (:most)::int and coalesce(sum(p.size) filter (where p.digest is not null), 0) + (:size)::int <= (:largest)::int
      from document_request_piece p where p.request_id = r.id and (p.agent_id is null) = ((:agent)::uuid is null))
  returning id, request_id, kind
), noted as (
  insert into document_request_event (request_id, kind, agent_id, account_id, facts)
  select request_id, 'PIECE', :agent, :account, jsonb_build_object('piece', kind) from added
  returning request_id
), no_longer_missing as (
  update document_request r set missing_pieces = array_remove(r.missing_pieces, a.kind),
    (state, waiting_since, due_on) = (select
      case when resumes then 'IN_REVIEW' else r.state end,
      case when not resumes then r.waiting_since end,
      case when resumes then legal_due_again(r.due_on, r.waiting_since, now()) else r.due_on end
      from (select r.state = 'INFORMATION_REQUESTED' and array_remove(r.missing_pieces, a.kind) = '{}' as resumes) of_it)
  from added a where r.id = a.request_id
  returning r.id, old.state as before, new.state as after
), resumed as (
  insert into document_request_event (request_id, kind, state, account_id)
  select m.id, 'STATE', m.after, :account from no_longer_missing m join noted o on o.request_id = m.id where m.before <> m.after
)
select a.id, n.before <> n.after as resumed from added a join no_longer_missing n on n.id = a.request_id;

-- name: file
-- A piece whose content there is, for the applicant or an agent of the request's academy. What is delivered is the applicant's once the
-- request is closed. `sealed` says that the seal service keeps the file.
select p.id, p.kind, p.file_name, p.media_type, p.size, p.digest, d.id as delivery_id, o.id as document_id
from document_request_piece p join document_request r on r.id = p.request_id
left join document_request_delivery d on d.piece_id = p.id left join document o on o.delivery_id = d.id
where p.id = :piece and p.digest is not null
  and (r.academy_code = any((:academies)::text[])
    or r.account_id = (:account)::uuid and (p.kind <> 'DELIVERED' or r.state = 'DELIVERED'));

-- name: take_file
-- A file that is due to be looked at, and whether a piece or a delivered document names it; to be removed in this transaction if none does.
-- No row when none is due.
delete from piece_file f where f.digest = (
  select digest from piece_file where due_at <= now() order by due_at limit 1 for update skip locked)
returning f.digest, exists (select from document_request_piece p where p.digest = f.digest)
  or exists (select from document o where o.digest = f.digest and o.delivery_id is not null) as named;
