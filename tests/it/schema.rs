//! `schema.graphql` is what the server serves.

#[test]
fn the_published_schema_is_in_step() {
    let published = include_str!("../../schema.graphql");
    assert_eq!(
        published.trim_end(),
        handover::graphql::sdl().trim_end(),
        "run: cargo run -- schema > schema.graphql"
    );
}
