//! Connections as Relay describes them, with `nodes` beside `edges` and a `totalCount` that is only computed
//! when somebody asks.

use async_graphql::SimpleObject;

use crate::page::Page;

/// Where a page stands in its list.
#[derive(SimpleObject, Clone)]
pub struct PageInfo {
    /// Whether there is more after this page.
    has_next_page: bool,
    /// Whether there is something before this page.
    has_previous_page: bool,
    /// The cursor of the first item.
    start_cursor: Option<String>,
    /// The cursor of the last item: pass it as `after` to get the next page.
    end_cursor: Option<String>,
}

impl<T> From<&Page<T>> for PageInfo {
    fn from(page: &Page<T>) -> Self {
        Self {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.items.first().map(|(_, cursor)| cursor.clone()),
            end_cursor: page.items.last().map(|(_, cursor)| cursor.clone()),
        }
    }
}

/// How much a page costs of the complexity that a query may have: its size times what is asked of each item.
pub fn page_cost(first: Option<i32>, last: Option<i32>, item: usize) -> usize {
    let size = first.or(last).unwrap_or(20).clamp(0, crate::page::MAX_PAGE);
    1 + usize::try_from(size).unwrap_or_default() * item.max(1)
}

/// Declares the connection and the edge of a node type.
macro_rules! connection {
    ($node:ty, $connection:ident, $edge:ident, $of:literal) => {
        #[doc = concat!("One of ", $of, ", with its cursor.")]
        #[derive(async_graphql::SimpleObject, Clone)]
        pub struct $edge {
            /// The item.
            node: $node,
            /// Where it stands in the list.
            cursor: String,
        }

        #[doc = concat!("A page of ", $of, ".")]
        pub struct $connection($crate::page::Page<$node>);

        impl<T: Into<$node>> From<$crate::page::Page<T>> for $connection {
            fn from(page: $crate::page::Page<T>) -> Self {
                Self(page.map(Into::into))
            }
        }

        #[doc = concat!("A page of ", $of, ".")]
        #[async_graphql::Object]
        impl $connection {
            /// The items, each with its cursor.
            async fn edges(&self) -> Vec<$edge> {
                let edge = |(node, cursor): &($node, String)| $edge {
                    node: node.clone(),
                    cursor: cursor.clone(),
                };
                self.0.items.iter().map(edge).collect()
            }

            /// The items alone.
            async fn nodes(&self) -> Vec<$node> {
                self.0.items.iter().map(|(node, _)| node.clone()).collect()
            }

            /// Where the page stands in its list.
            async fn page_info(&self) -> $crate::graphql::connection::PageInfo {
                (&self.0).into()
            }

            /// How many there are in the whole list. Counted only when asked for.
            async fn total_count(&self) -> Result<i32, $crate::error::Error> {
                Ok(i32::try_from((self.0.count)().await?).unwrap_or(i32::MAX))
            }
        }
    };
}
pub(crate) use connection;
