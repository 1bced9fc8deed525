//! Resolvers: search.

use async_graphql::{Context, Object};
use futures_util::future::try_join_all;

use crate::domain::search;
use crate::domain::search::Hit;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::resolvers::node::GROUP;
use crate::graphql::types::node::Node;
use crate::graphql::types::search::{SearchHit, SearchType};
use crate::store::page::PageArgs;

/// Queries across types.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Objects you can see with this text in their name or title, the newest of each type; all types get their turn. An
    /// ID finds its object.
    #[graphql(complexity = "50 + page_cost(first, None, child_complexity)")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Text to find anywhere in the name, case-insensitive; or an ID. At most 200 characters."
        )]
        text: String,
        #[graphql(desc = "Only these types; defaults to all.")] types: Option<Vec<SearchType>>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
    ) -> Result<Vec<SearchHit>, Error> {
        let types: Vec<search::SearchType> = match types {
            Some(types) => types.into_iter().map(Into::into).collect(),
            None => search::SearchType::ALL.to_vec(),
        };
        let args = PageArgs {
            first,
            ..PageArgs::default()
        };
        let hits = search::search(ctx.db(), ctx.actor()?, &text, &types, args.size()?).await?;
        let load = async |hit: &Hit| {
            let node = Node::load(ctx, hit.found.prefix(), hit.id).await?;
            let line = hit.line.clone();
            Ok::<_, Error>(node.map(|node| SearchHit { node, line }))
        };
        let groups = hits.chunks(GROUP).map(|some| try_join_all(some.iter().map(load)));
        Ok(try_join_all(groups)
            .await?
            .into_iter()
            .flatten()
            .flatten()
            .collect())
    }
}
