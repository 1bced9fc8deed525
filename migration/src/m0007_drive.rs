//! Drives: folders and files, shares, and the original places of what a handover moved.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, DRIVE).await
    }
}

// The only row without a parent is a My Drive, which has the id of its owner.
const DRIVE: &str = r"
CREATE TABLE drive_items (
    id {uuid} NOT NULL PRIMARY KEY,
    external_id text UNIQUE,
    parent_id {uuid} REFERENCES drive_items (id),
    owner_id {uuid} NOT NULL REFERENCES users (id),
    folder boolean NOT NULL,
    name text {binary_order} NOT NULL,
    size bigint NOT NULL,
    media_type text,
    sha256 text,
    revision integer,
    status text,
    modified_at {time} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    UNIQUE (parent_id, name),
    CHECK (folder = (sha256 IS NULL)),
    CHECK (folder = (media_type IS NULL)),
    CHECK (parent_id IS NOT NULL OR (folder AND owner_id = id))
);
CREATE INDEX drive_items_of_owner ON drive_items (owner_id, id) WHERE parent_id IS NOT NULL;

CREATE TABLE drive_shares (
    folder_id {uuid} NOT NULL REFERENCES drive_items (id),
    user_id {uuid} NOT NULL REFERENCES users (id),
    access text NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (folder_id, user_id)
);
CREATE INDEX drive_shares_of_user ON drive_shares (user_id, folder_id);

CREATE TABLE drive_moves (
    handover_id {uuid} NOT NULL REFERENCES handovers (id),
    item_id {uuid} NOT NULL REFERENCES drive_items (id),
    from_id {uuid} NOT NULL REFERENCES drive_items (id),
    from_name text NOT NULL,
    to_id {uuid} NOT NULL REFERENCES drive_items (id),
    PRIMARY KEY (handover_id, item_id)
);
CREATE INDEX drive_moves_of_item ON drive_moves (item_id);

ALTER TABLE handover_parts ADD COLUMN share text;
ALTER TABLE handover_parts ADD COLUMN folder_id {uuid} REFERENCES drive_items (id);
CREATE INDEX handover_parts_of_folder ON handover_parts (folder_id) WHERE folder_id IS NOT NULL;
";
