//! The items of a page, and what each of them leads on to, resolved with less ceremony.
//!
//! The library keeps a future on the heap for each field of each object. Most fields of an item are columns that are
//! there already, and fifty people with eight fields are four hundred futures. Here a field without fields of its own
//! is resolved on the spot; what leads on to other objects is waited for side by side, as it is everywhere, so that
//! batches stay whole. Whatever is written in an unusual way, with fragments or directives, goes the library's way.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::{ContainerType, ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};
use futures_util::future::try_join_all;

/// See the module; of an object or a reference to one.
pub struct Item<T>(pub T);

impl<T: ContainerType> OutputType for Item<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let Some(fields) = fields(ctx) else {
            return self.0.resolve(ctx, field).await;
        };
        let mut object: IndexMap<Name, Value> = IndexMap::with_capacity(fields.len());
        let mut others = Vec::new();
        for field in &fields {
            let place = object.len();
            let value = if field.node.selection_set.node.items.is_empty() {
                let ctx = ctx.with_field(field);
                self.0.resolve_field(&ctx).await?.unwrap_or_default()
            } else {
                others.push(Box::pin(async move {
                    let ctx = ctx.with_field(field);
                    let value = self.0.resolve_field(&ctx).await?.unwrap_or_default();
                    ServerResult::Ok((place, value))
                }));
                Value::Null
            };
            if object
                .insert(field.node.response_key().node.clone(), value)
                .is_some()
            {
                // The same key twice: the library knows how to merge the two.
                drop(others);
                return self.0.resolve(ctx, field).await;
            }
        }
        for (place, value) in try_join_all(others).await? {
            if let Some((_, there)) = object.get_index_mut(place) {
                *there = value;
            }
        }
        Ok(Value::Object(object))
    }
}

/// The fields that are asked for, where nothing else stands among them.
fn fields<'a>(ctx: &ContextSelectionSet<'a>) -> Option<Vec<&'a Positioned<Field>>> {
    let field = |selection: &'a Positioned<Selection>| match &selection.node {
        Selection::Field(field)
            if field.node.directives.is_empty() && !field.node.name.node.starts_with("__") =>
        {
            Some(field)
        }
        _ => None,
    };
    ctx.item.node.items.iter().map(field).collect()
}
