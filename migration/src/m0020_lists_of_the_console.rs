//! Indexes for lists of dismissals and handovers by state, by requester, and of handovers with failed items.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, LISTS).await
    }
}

const LISTS: &str = r"
CREATE INDEX dismissals_by_state ON dismissals (state, id);
CREATE INDEX dismissals_by_requester ON dismissals (requested_by_id, id);
CREATE INDEX dismissals_failed ON dismissals (id) WHERE failure IS NOT NULL;
CREATE INDEX handovers_by_state ON handovers (state, id);
CREATE INDEX handovers_by_requester ON handovers (requested_by_id, id);
CREATE INDEX handovers_failed ON handovers (id) WHERE failed > 0;
CREATE INDEX handover_recipients_of_user ON handover_recipients (user_id, handover_id);
";
