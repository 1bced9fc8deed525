//! Filters and paths (RFC 7644, section 3.4.2.2 and figure 7): a recursive-descent parser.
//!
//! Beyond the grammar it accepts what clients send: `not(` without a space, a sub-attribute after a bracketed filter with
//! a comparison (`emails[type eq "work"].value eq "x"`), and a bare word as the value after `eq`.

use serde_json::Value;

use super::problem::{Kind, Problem};

/// Maximum nesting of parentheses and brackets.
const MAX_DEPTH: usize = 32;
/// Maximum number of comparisons.
const MAX_TERMS: usize = 200;
/// Maximum length, in bytes.
const MAX_LENGTH: usize = 8 << 10;

/// Path of an attribute: the URN of its schema, its name and a sub-attribute, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath {
    /// URN before the name.
    pub schema: Option<String>,
    /// Name.
    pub name: String,
    /// Sub-attribute.
    pub sub: Option<String>,
}

/// Comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them.
    And(Vec<Filter>),
    /// Any of them.
    Or(Vec<Filter>),
    /// Not.
    Not(Box<Filter>),
    /// The attribute has a value.
    Present(AttributePath),
    /// The attribute compares to a value.
    Compare(AttributePath, Operator, Value),
    /// One value of the attribute fulfils the inner filter, and its sub-attribute the comparison, if there is one.
    Element(AttributePath, Box<Filter>, Option<Box<Filter>>),
}

/// A path of a PATCH operation: an attribute, a filter on its values, and a sub-attribute of those.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Attribute; with a `sub` unless there is a filter.
    pub attribute: AttributePath,
    /// Filter on its values.
    pub filter: Option<Filter>,
    /// Sub-attribute of the values that the filter selects.
    pub sub: Option<String>,
}

/// Parses a filter.
///
/// # Errors
/// [`Kind::InvalidFilter`] with the position.
pub fn parse(text: &str) -> Result<Filter, Problem> {
    let mut parser = Parser::new(text, Kind::InvalidFilter)?;
    let filter = parser.any_of()?;
    parser.end()?;
    Ok(filter)
}

/// Parses a path.
///
/// # Errors
/// [`Kind::InvalidPath`] with the position.
pub fn parse_path(text: &str) -> Result<Path, Problem> {
    let mut parser = Parser::new(text, Kind::InvalidPath)?;
    parser.spaces();
    let attribute = parser.attribute()?;
    let mut path = Path {
        attribute,
        filter: None,
        sub: None,
    };
    if parser.take("[") {
        path.filter = Some(parser.bracketed()?);
        if parser.take(".") {
            path.sub = Some(parser.name()?.to_owned());
        }
    }
    parser.end()?;
    Ok(path)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
    /// Whether this is between brackets, where there are no others.
    within: bool,
    kind: Kind,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, kind: Kind) -> Result<Self, Problem> {
        if text.len() > MAX_LENGTH {
            return Err(Problem::new(kind, format!("at most {MAX_LENGTH} bytes")));
        }
        Ok(Self {
            text,
            at: 0,
            depth: 0,
            terms: 0,
            within: false,
            kind,
        })
    }

    fn fail<T>(&self, expected: &str) -> Result<T, Problem> {
        let place = self.text[..self.at].chars().count() + 1;
        Err(Problem::new(
            self.kind,
            format!("expected {expected} at character {place}"),
        ))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(' ').len();
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), Problem> {
        self.spaces();
        match self.take(token) {
            true => Ok(()),
            false => self.fail(token),
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        self.spaces();
        match self.rest() {
            "" => Ok(()),
            _ => self.fail("the end"),
        }
    }

    /// Takes a word in any case, if it ends there.
    fn take_word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let found = rest
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !rest[word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || "_-.:$".contains(c));
        if found {
            self.at += word.len();
        }
        found
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Problem::new(self.kind, format!("nested deeper than {MAX_DEPTH}")));
        }
        let read = inner(self)?;
        self.depth -= 1;
        Ok(read)
    }

    fn any_of(&mut self) -> Result<Filter, Problem> {
        self.nested(|parser| parser.joined("or", Self::all_of, Filter::Or))
    }

    fn all_of(&mut self) -> Result<Filter, Problem> {
        self.joined("and", Self::term, Filter::And)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Filter, Problem>,
        join: fn(Vec<Filter>) -> Filter,
    ) -> Result<Filter, Problem> {
        let first = part(self)?;
        let mut parts = vec![first];
        loop {
            let before = self.at;
            self.spaces();
            if before == self.at && !self.text[..self.at].ends_with([')', ']']) || !self.take_word(word) {
                self.at = before;
                break;
            }
            parts.push(part(self)?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => join(parts),
        })
    }

    fn term(&mut self) -> Result<Filter, Problem> {
        self.spaces();
        if self.take("(") {
            let inner = self.any_of()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let before = self.at;
        if self.take_word("not") {
            self.spaces();
            if self.take("(") {
                let inner = self.any_of()?;
                self.expect(")")?;
                return Ok(Filter::Not(Box::new(inner)));
            }
            self.at = before;
        }
        let attribute = self.attribute()?;
        if !self.within && self.take("[") {
            let inner = self.bracketed()?;
            let rest = match self.take(".") {
                true => {
                    let name = self.name()?.to_owned();
                    let path = AttributePath {
                        schema: None,
                        name,
                        sub: None,
                    };
                    Some(Box::new(self.comparison(path)?))
                }
                false => None,
            };
            return Ok(Filter::Element(attribute, Box::new(inner), rest));
        }
        self.comparison(attribute)
    }

    /// Takes the filter after an opening bracket, and the closing one.
    fn bracketed(&mut self) -> Result<Filter, Problem> {
        self.within = true;
        let filter = self.any_of()?;
        self.within = false;
        self.expect("]")?;
        Ok(filter)
    }

    fn comparison(&mut self, attribute: AttributePath) -> Result<Filter, Problem> {
        const OPERATORS: [(&str, Operator); 9] = [
            ("eq", Operator::Eq),
            ("ne", Operator::Ne),
            ("co", Operator::Co),
            ("sw", Operator::Sw),
            ("ew", Operator::Ew),
            ("gt", Operator::Gt),
            ("ge", Operator::Ge),
            ("lt", Operator::Lt),
            ("le", Operator::Le),
        ];
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(Problem::new(
                self.kind,
                format!("more than {MAX_TERMS} comparisons"),
            ));
        }
        if !self.take(" ") {
            return self.fail("an operator");
        }
        self.spaces();
        if self.take_word("pr") {
            return Ok(Filter::Present(attribute));
        }
        let Some((_, operator)) = OPERATORS.into_iter().find(|(word, _)| self.take_word(word)) else {
            return self.fail("an operator");
        };
        if !self.take(" ") {
            return self.fail("a value");
        }
        self.spaces();
        let value = self.value(operator)?;
        Ok(Filter::Compare(attribute, operator, value))
    }

    fn value(&mut self, operator: Operator) -> Result<Value, Problem> {
        let rest = self.rest();
        if rest.starts_with('"') {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let read = values.next();
            let length = values.byte_offset();
            return match read {
                Some(Ok(text)) => {
                    self.at += length;
                    Ok(Value::String(text))
                }
                _ => self.fail("a text in quotes"),
            };
        }
        let end = rest.find([' ', ')', ']']).unwrap_or(rest.len());
        let word = &rest[..end];
        let value = match word {
            "" => return self.fail("a value"),
            _ if word.eq_ignore_ascii_case("true") => Value::Bool(true),
            _ if word.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ if word.eq_ignore_ascii_case("null") => Value::Null,
            _ => match serde_json::from_str::<serde_json::Number>(word) {
                // IDs such as 1e5 or 12345678901234567890123 stay what they are.
                Ok(number) if number.to_string() != word => Value::String(word.to_owned()),
                Ok(number) => Value::Number(number),
                // Entra's documentation shows values without quotes.
                Err(_) if operator == Operator::Eq && !word.contains(['"', '(', '[', '\\']) => {
                    Value::String(word.to_owned())
                }
                Err(_) => return self.fail("a value"),
            },
        };
        self.at += end;
        Ok(value)
    }

    fn attribute(&mut self) -> Result<AttributePath, Problem> {
        let rest = self.rest();
        let schema = match rest
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
        {
            true => {
                let end = rest.find([' ', '[', '(', ')', ']']).unwrap_or(rest.len());
                match rest[..end].rfind(':') {
                    Some(colon) if colon > 3 => {
                        self.at += colon + 1;
                        Some(rest[..colon].to_owned())
                    }
                    _ => return self.fail("an attribute"),
                }
            }
            false => None,
        };
        let name = self.name()?.to_owned();
        let sub = match self.take(".") {
            true => Some(self.name()?.to_owned()),
            false => None,
        };
        Ok(AttributePath { schema, name, sub })
    }

    fn name(&mut self) -> Result<&'a str, Problem> {
        let rest = self.rest();
        let fits = |(place, c): (usize, char)| {
            let first = c.is_ascii_alphabetic() || c == '$';
            first || place > 0 && (c.is_ascii_digit() || c == '-' || c == '_')
        };
        let end = rest
            .char_indices()
            .find(|&(place, c)| !fits((place, c)))
            .map_or(rest.len(), |(place, _)| place);
        if end == 0 {
            return self.fail("an attribute");
        }
        self.at += end;
        Ok(&rest[..end])
    }
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
