-- Owner: internal-tickets.
-- E-mails that workflows sent by themselves and that were put into the thread of their customer, each once.
create table workflow_emails (
  project_id integer not null,
  -- Chosen by the workflow.
  idempotency_key text not null,
  message_id uuid not null,
  created_at timestamptz(3) not null,
  primary key (project_id, idempotency_key),
  foreign key (project_id, message_id) references messages on delete cascade
);
create index workflow_emails__message on workflow_emails (project_id, message_id);
