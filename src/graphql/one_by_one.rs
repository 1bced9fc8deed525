//! The fields of a mutation run one after another, and each finds what those before it have done.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
};

use crate::graphql::kit::context::ContextExt;

/// The root of mutations: what one field has loaded is forgotten when the next one begins.
#[derive(Default)]
pub struct OneByOne<T>(T);

impl<T: ObjectType> OutputType for OneByOne<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl<T: ObjectType> ContainerType for OneByOne<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        ctx.fresh().forget();
        self.0.resolve_field(ctx).await
    }
}

impl<T: ObjectType> ObjectType for OneByOne<T> {}
