-- Files of requests that are to be removed, and sealed documents that an exam service delivers.

-- Files of which it is not known whether a piece names them. An upload puts its digest in before it writes the file; a piece that loses
-- its digest puts it in too. The worker removes what no piece names, and no upload is about to name, when it is due.
create table piece_file (
  digest bytea primary key,
  due_at timestamptz not null
);
create index piece_file_due on piece_file (due_at);

create function free_piece_file() returns trigger language plpgsql as $$
begin
  insert into piece_file values (old.digest, now()) on conflict do nothing;
  perform pg_notify('parchemin_work', '');
  return null;
end $$;
create trigger freed after update of digest on document_request_piece for each row
  when (old.digest is not null and new.digest is distinct from old.digest) execute function free_piece_file();

-- Identity pieces serve to decide: whoever decides, in the same transaction they are destroyed (RGPD, art. 5.1.c and e). Their names go
-- too, since people name such files after themselves.
create function destroy_identity_pieces() returns trigger language plpgsql as $$
begin
  update document_request_piece set digest = null, destroyed_at = now(), file_name = ''
  where request_id = new.id and digest is not null and kind in ('IDENTITY', 'MANDATE', 'CIVIL_STATUS', 'AUTHORITY');
  return null;
end $$;
create trigger decided after update of state on document_request for each row
  when (old.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED')
    and new.state in ('ACCEPTED', 'REFUSED', 'WITHDRAWN', 'DELIVERED'))
  execute function destroy_identity_pieces();

-- A document that an agent has made for a request, of facts that he read elsewhere than in the register. The seal service makes it.
create table document_request_delivery (
  id uuid primary key default uuidv7(),
  request_id uuid not null unique references document_request,
  facts jsonb not null,                       -- what it says, of the person too: an account can be closed, the document stays as it was
  agent_id uuid not null references agent,
  asked_at timestamptz not null default now(),
  commitment bytea,                           -- the salted digest of what was sealed, by which a file is known again
  piece_id uuid unique references document_request_piece  -- the applicant's file, once it is sealed
);

-- Documents are sealed, archived and renewed alike, of the register's diplomas or for a request.
alter table document
  alter column diploma_id drop not null,
  alter column version drop not null,
  alter column generation drop not null,
  alter column link_lookup drop not null,
  add column delivery_id uuid unique references document_request_delivery,
  add check ((delivery_id is null) = (diploma_id is not null and version is not null and generation is not null
    and link_lookup is not null));
create index document_delivered on document (digest) where delivery_id is not null;
