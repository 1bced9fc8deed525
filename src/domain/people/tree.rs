//! Department trees, and who has left, as SQL for both databases.

use sea_orm::sea_query::{Expr, SimpleExpr};

/// Returns a subquery for the ids of a department and its subdepartments. `root` is a placeholder or a column.
pub fn below(root: &str) -> String {
    format!(
        "(WITH RECURSIVE below (id) AS (SELECT id FROM departments WHERE id = {root} \
         UNION SELECT d.id FROM departments d JOIN below b ON d.parent_id = b.id) SELECT id FROM below)"
    )
}

/// Returns a subquery for the people of a department and its subdepartments. `root` is a placeholder.
pub fn people_below(root: &str) -> String {
    format!(
        "(SELECT p.id FROM users p WHERE p.department_id IN {})",
        below(root)
    )
}

/// Returns a subquery for the people whose work a person may see: themselves, and everybody in the departments they
/// lead and below. `person` is a placeholder.
pub fn people_visible_to(person: &str) -> String {
    format!(
        "(WITH RECURSIVE led (id) AS (SELECT id FROM departments WHERE head_id = {person} \
         UNION SELECT d.id FROM departments d JOIN led l ON d.parent_id = l.id) \
         SELECT u.id FROM users u WHERE u.id = {person} OR u.department_id IN (SELECT id FROM led))"
    )
}

/// Returns the condition that one of `people` is dismissed, or that none is: a list of columns, or a subquery, in
/// parentheses.
pub fn any_dismissed(people: &str, dismissed: bool) -> SimpleExpr {
    let not = if dismissed { "" } else { "NOT" };
    Expr::cust(format!(
        "{not} EXISTS (SELECT 1 FROM users h WHERE h.id IN {people} AND h.status = 'DISMISSED')"
    ))
}
