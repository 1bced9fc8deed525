//! `schema.graphql` is what the server serves.

#[test]
fn the_published_schema_is_in_step() {
    let published = include_str!("../../schema.graphql");
    let served = handover::graphql::sdl();
    let (old, new) = (published.trim_end().lines(), served.trim_end().lines());
    let changed = old.clone().zip(new.clone()).find(|(old, new)| old != new);
    assert_eq!(changed, None, "run: cargo run -- schema > schema.graphql");
    assert_eq!(
        old.count(),
        new.count(),
        "run: cargo run -- schema > schema.graphql"
    );
}
