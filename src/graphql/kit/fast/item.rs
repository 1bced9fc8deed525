//! The items of a page, and the objects they lead to, resolved and written with less overhead.
//!
//! The library collects the selected fields anew for each object, resolves each by a future of its own on the heap, and
//! builds a tree of all values that is written when it is complete. Fifty people with eight fields are four hundred
//! futures and four hundred leaves. Here the fields are collected once for a page; [`Columns`] are read directly; the
//! others are resolved concurrently, so that batches stay whole, and a future that is ready at once is not stored. Each
//! object is then written as text, unless the document selects something in two places, which the library merges as
//! trees. Objects that are selected by fragments on other types, or with the same field twice, are resolved by the
//! library; `@skip` and `@include` have been applied before.

use std::borrow::Cow;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::Poll;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet, TypeCondition};
use async_graphql::registry::Registry;
use async_graphql::{ContainerType, ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use super::columns::{Column, Columns};
use super::json;
use crate::graphql::kit::fast::AsText;

/// See the module; an object or a reference to one.
pub struct Item<T>(pub T);

impl<T: ContainerType + Columns> OutputType for Item<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let Some(fields) = Fields::of(&self.0, ctx) else {
            return self.0.resolve(ctx, field).await;
        };
        let asked = fields.ask(&self.0, ctx).await?;
        Ok(fields.answer(&self.0, asked, is_text(ctx)))
    }
}

/// See the module; a list of such objects.
pub struct Items<T>(pub Vec<T>);

impl<T: ContainerType + Columns> OutputType for Items<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let fields = self.0.first().and_then(|first| Fields::of(first, ctx));
        let Some(fields) = &fields else {
            return self.0.resolve(ctx, field).await;
        };
        let items = self.0.iter().enumerate();
        let asked = all(items.map(|(place, item)| async move {
            let ctx = ctx.with_index(place);
            fields.ask(item, &ctx).await
        }));
        let text = is_text(ctx);
        let answers = self.0.iter().zip(asked.await?);
        let answers = answers.map(|(item, asked)| fields.answer(item, asked, text));
        Ok(Value::List(answers.collect()))
    }
}

fn is_text(ctx: &ContextSelectionSet<'_>) -> bool {
    ctx.data_opt::<AsText>().is_some()
}

/// The selected fields of an object.
struct Fields<'a>(Vec<(&'a Positioned<Field>, Source)>);

/// The source of a field's value.
#[derive(PartialEq, Eq)]
enum Source {
    /// A column of the object.
    Column,
    /// A resolver.
    Asked,
    /// The name of the type.
    TypeName,
}

impl<'a> Fields<'a> {
    /// The fields selected of this object, if the selection is one that is supported here.
    fn of<T: OutputType + Columns>(object: &T, ctx: &ContextSelectionSet<'a>) -> Option<Self> {
        let mut fields = Self(Vec::new());
        fields.add(object, ctx, &ctx.item.node).then_some(fields)
    }

    /// Adds the fields of a selection; returns whether all of it is supported here.
    fn add<T: OutputType + Columns>(
        &mut self,
        object: &T,
        ctx: &ContextSelectionSet<'a>,
        selection: &'a SelectionSet,
    ) -> bool {
        let is_meant = |on: &Positioned<TypeCondition>| on.node.on.node == *T::type_name();
        selection.items.iter().all(|selection| match &selection.node {
            Selection::Field(field) => self.add_field(object, field),
            Selection::InlineFragment(fragment) => {
                let fragment = &fragment.node;
                fragment.directives.is_empty()
                    && fragment.type_condition.as_ref().is_none_or(is_meant)
                    && self.add(object, ctx, &fragment.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = ctx.query_env.fragments.get(&spread.node.fragment_name.node);
                spread.node.directives.is_empty()
                    && fragment.is_some_and(|fragment| {
                        is_meant(&fragment.node.type_condition)
                            && self.add(object, ctx, &fragment.node.selection_set.node)
                    })
            }
        })
    }

    fn add_field<T: Columns>(&mut self, object: &T, field: &'a Positioned<Field>) -> bool {
        if !field.node.directives.is_empty() {
            return false;
        }
        let name = field.node.name.node.as_str();
        let source = match object.column(name) {
            Some(_) => Source::Column,
            None if name == "__typename" => Source::TypeName,
            None => Source::Asked,
        };
        let key = &field.node.response_key().node;
        match self
            .0
            .iter()
            .find(|(other, _)| other.node.response_key().node == *key)
        {
            // A column that two fragments select is the same column; everything else that occurs twice has to be
            // merged.
            Some((other, _)) => source != Source::Asked && other.node.name == field.node.name,
            None => {
                self.0.push((field, source));
                true
            }
        }
    }

    /// Resolves the fields that are not columns, in the order of the fields.
    async fn ask<T: ContainerType>(
        &self,
        object: &T,
        ctx: &ContextSelectionSet<'_>,
    ) -> ServerResult<Vec<Value>> {
        let asked = self.0.iter().filter(|(_, source)| *source == Source::Asked);
        all(asked.map(|(field, _)| async move {
            let ctx = ctx.with_field(field);
            match object.resolve_field(&ctx).await {
                Ok(value) => Ok(value.unwrap_or_default()),
                Err(error) if error.path.is_empty() => Err(ctx.set_error_path(error)),
                Err(error) => Err(error),
            }
        }))
        .await
    }

    /// The object, given its resolved fields.
    fn answer<T: Columns>(&self, object: &T, asked: Vec<Value>, text: bool) -> Value {
        match text {
            true => json::text(self.text(object, asked)),
            false => self.tree(object, asked),
        }
    }

    fn text<T: Columns>(&self, object: &T, asked: Vec<Value>) -> Vec<u8> {
        let mut asked = asked.into_iter();
        let mut out = Vec::with_capacity(256);
        out.push(b'{');
        for (place, (field, source)) in self.0.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            // A name needs no escaping.
            out.push(b'"');
            out.extend_from_slice(field.node.response_key().node.as_bytes());
            out.extend_from_slice(b"\":");
            match source {
                Source::Column => {
                    let column = object.column(&field.node.name.node);
                    json::write_any(&column.unwrap_or(Column::Null), &mut out);
                }
                Source::Asked => json::write_value(&asked.next().unwrap_or_default(), &mut out),
                Source::TypeName => json::write_any(&*object.name_of_type(), &mut out),
            }
        }
        out.push(b'}');
        out
    }

    fn tree<T: Columns>(&self, object: &T, asked: Vec<Value>) -> Value {
        let mut asked = asked.into_iter();
        let entries = self.0.iter().map(|(field, source)| {
            let value = match source {
                Source::Column => object.column(&field.node.name.node).map(Value::from),
                Source::Asked => asked.next(),
                Source::TypeName => Some(object.name_of_type().into_owned().into()),
            };
            (field.node.response_key().node.clone(), value.unwrap_or_default())
        });
        Value::Object(entries.collect::<IndexMap<_, _>>())
    }
}

/// Waits for all futures concurrently; the first error ends it. Values that are ready at once are not stored as
/// futures; the others are polled in turn, so that what they wait for together is loaded in one batch.
fn all<T, F>(mut futures: impl Iterator<Item = F> + Send) -> impl Future<Output = ServerResult<Vec<T>>> + Send
where
    T: Default + Send,
    F: Future<Output = ServerResult<T>> + Send,
{
    let mut values = Vec::with_capacity(futures.size_hint().0);
    let mut waiting: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    poll_fn(move |cx| {
        let mut failed = None;
        waiting.retain_mut(|(place, future)| {
            if failed.is_some() {
                return true;
            }
            let Poll::Ready(outcome) = future.as_mut().poll(cx) else {
                return true;
            };
            match outcome {
                Ok(value) => values[*place] = value,
                Err(error) => failed = Some(error),
            }
            false
        });
        // The first poll starts all of them.
        for future in futures.by_ref() {
            let mut future = Box::pin(future);
            values.push(match future.as_mut().poll(cx) {
                Poll::Ready(Ok(value)) => value,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    waiting.push((values.len(), future));
                    T::default()
                }
            });
        }
        match failed {
            Some(error) => Poll::Ready(Err(error)),
            None if waiting.is_empty() => Poll::Ready(Ok(mem::take(&mut values))),
            None => Poll::Pending,
        }
    })
}
