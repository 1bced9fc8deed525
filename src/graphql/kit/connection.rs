//! Relay connections with `nodes` beside `edges`, and a `totalCount` that is computed only when requested.

use async_graphql::{Context, SimpleObject};

use crate::store::page::Page;

/// Position of a page in its list.
#[derive(SimpleObject, Clone)]
pub struct PageInfo {
    /// Whether there are items after this page.
    has_next_page: bool,
    /// Whether there are items before this page.
    has_previous_page: bool,
    /// Cursor of the first item; null when the page is empty.
    start_cursor: Option<String>,
    /// Cursor of the last item: pass it as `after` to get the next page; null when the page is empty.
    end_cursor: Option<String>,
}

impl<T> From<&Page<T>> for PageInfo {
    fn from(page: &Page<T>) -> Self {
        Self {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.items.first().map(|(_, cursor)| cursor.to_string()),
            end_cursor: page.items.last().map(|(_, cursor)| cursor.to_string()),
        }
    }
}

impl PageInfo {
    /// Lets an empty page end where it was to begin, for lists that are followed by cursor.
    pub fn ending_at(mut self, after: Option<String>) -> Self {
        self.end_cursor = self.end_cursor.or(after);
        self
    }
}

/// The complexity of a page: its size times the complexity of an item.
pub fn page_cost(first: Option<i32>, last: Option<i32>, item: usize) -> usize {
    let size = first
        .or(last)
        .unwrap_or(20)
        .clamp(0, crate::store::page::MAX_PAGE);
    1 + usize::try_from(size).unwrap_or_default() * item.max(1)
}

/// Whether a field of the items of a page is selected. What is loaded for all of them in advance is in the cache when
/// the fields are resolved one by one.
pub fn is_selected(ctx: &Context<'_>, field: &str) -> bool {
    let page = ctx.look_ahead();
    page.field("nodes").field(field).exists() || page.field("edges").field("node").field(field).exists()
}

/// Declares the connection and edge types of a node type.
macro_rules! connection {
    ($node:ty, $connection:ident, $edge:ident, $of:literal) => {
        #[doc = concat!("One of ", $of, ", with its cursor.")]
        pub struct $edge {
            node: $node,
            cursor: $crate::store::page::Cursor,
        }

        impl $crate::graphql::kit::fast::columns::Columns for $edge {}

        #[doc = concat!("One of ", $of, ", with its cursor.")]
        #[async_graphql::Object]
        impl $edge {
            /// The item.
            async fn node(&self) -> $crate::graphql::kit::fast::item::Item<&$node> {
                $crate::graphql::kit::fast::item::Item(&self.node)
            }

            /// Cursor of the item, for `after` and `before`.
            async fn cursor(&self) -> String {
                self.cursor.to_string()
            }
        }

        #[doc = concat!("A page of ", $of, ".")]
        pub struct $connection {
            edges: Vec<$edge>,
            page_info: $crate::graphql::kit::connection::PageInfo,
            count: $crate::store::page::Counter,
        }

        impl<T: Into<$node>> From<$crate::store::page::Page<T>> for $connection {
            fn from(page: $crate::store::page::Page<T>) -> Self {
                Self {
                    page_info: (&page).into(),
                    edges: page
                        .items
                        .into_iter()
                        .map(|(item, cursor)| $edge {
                            node: item.into(),
                            cursor,
                        })
                        .collect(),
                    count: page.count,
                }
            }
        }

        #[doc = concat!("A page of ", $of, ".")]
        #[async_graphql::Object]
        impl $connection {
            /// The items with their cursors.
            async fn edges(&self) -> $crate::graphql::kit::fast::item::Items<&$edge> {
                $crate::graphql::kit::fast::item::Items(self.edges.iter().collect())
            }

            /// The items.
            async fn nodes(&self) -> $crate::graphql::kit::fast::item::Items<&$node> {
                $crate::graphql::kit::fast::item::Items(self.edges.iter().map(|edge| &edge.node).collect())
            }

            /// Position of the page in its list.
            async fn page_info(&self) -> &$crate::graphql::kit::connection::PageInfo {
                &self.page_info
            }

            /// Total number of items in the list, over all pages. Counted only when requested.
            async fn total_count(&self) -> Result<i32, $crate::error::Error> {
                Ok(i32::try_from((self.count)().await?).unwrap_or(i32::MAX))
            }
        }
    };
}
pub(crate) use connection;
