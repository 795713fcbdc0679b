-- Requests to the academies for what is not online, with their history, messages and pieces.

create table document_request (
  id uuid primary key default uuidv7(),
  reference text not null unique,             -- what the applicant quotes: ABCD-EFGH
  account_id uuid not null references account,
  kind text not null check (kind in ('ATTESTATION', 'MARK_SHEET', 'SCRIPTS', 'COLLECTION', 'REISSUE')),
  family text not null,
  year smallint not null,
  obtained_in text not null references academy,   -- where the exam was passed, as that academy was called then
  country_code text,                          -- of the centre, when it was abroad
  academy_code text not null references academy,  -- whose service answers: the desk of its agents
  asked jsonb not null,                       -- what is known of the diploma: title, series, establishment, candidate number, INE, address
  person jsonb not null,                      -- the account's owner as he was when he asked
  represented jsonb,                          -- whom he represents, when the diploma is not his own
  state text not null default 'SUBMITTED'
    check (state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED', 'REFUSED', 'WITHDRAWN', 'DELIVERED')),
  assigned_to uuid references agent,
  submitted_at timestamptz not null default now(),
  due_on date not null,                       -- the last day of the legal delay; silence is an answer from the next day on
  waiting_since timestamptz,                  -- since when the delay rests: the applicant owes an answer
  decided_at timestamptz,
  decided_by uuid references agent,
  refusal jsonb,                              -- template and grounds, once it is refused
  ended_at timestamptz,
  check ((waiting_since is not null) = (state = 'INFORMATION_REQUESTED')),
  check ((ended_at is not null) = (state in ('REFUSED', 'WITHDRAWN', 'DELIVERED')))
);
create index document_request_account on document_request (account_id, id);
create index document_request_desk on document_request (academy_code, id)
  where state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED');
-- what a publication may close: somebody asks for a diploma that is not online yet
create index document_request_missing on document_request (family, year)
  where kind = 'ATTESTATION' and state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED');

-- The history of a request: who did what, and the state that it led to. Neither names nor texts: those can be destroyed.
create table document_request_event (
  request_id uuid not null references document_request,
  id uuid not null default uuidv7(),
  kind text not null check (kind in ('STATE', 'MESSAGE', 'PIECE', 'ASSIGNMENT')),
  state text,                                 -- the new one, of a STATE
  agent_id uuid references agent,             -- who did it: an agent, the applicant, or nobody when the register did
  account_id uuid references account,
  facts jsonb not null default '{}',
  primary key (request_id, id)
);
create trigger append_only before update or delete on document_request_event for each row execute function refuse_rewriting();
create trigger append_only_truncate before truncate on document_request_event execute function refuse_rewriting();

create table document_request_message (
  request_id uuid not null references document_request,
  id uuid not null default uuidv7(),
  agent_id uuid references agent,             -- who wrote it; the applicant when null
  body text not null,
  primary key (request_id, id)
);

-- Files of both sides. Their bytes are outside, encrypted and named by their digest; one file may stand for several pieces.
create table document_request_piece (
  id uuid primary key default uuidv7(),
  request_id uuid not null references document_request,
  kind text not null check (kind in ('IDENTITY', 'MANDATE', 'CIVIL_STATUS', 'AUTHORITY', 'OTHER', 'DELIVERED')),
  file_name text not null,
  media_type text not null,
  size integer not null check (size > 0),
  digest bytea,                               -- SHA-256 of the content; none once it is destroyed
  agent_id uuid references agent,             -- who sent it; the applicant when null
  uploaded_at timestamptz not null default now(),
  destroyed_at timestamptz,
  check ((digest is null) = (destroyed_at is not null))
);
create index document_request_piece_request on document_request_piece (request_id, id);
create index document_request_piece_digest on document_request_piece (digest) where digest is not null;
