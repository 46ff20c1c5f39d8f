//! Values, on their way into a database and out of one.

use crypt::{Id, Sealed};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::StoreError;

/// A value, as both databases know it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// One row of a query's answer.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The value in a column, counted from 0.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when it is of another kind.
    pub(crate) fn get<T: FromValue>(&self, column: usize) -> Result<T, StoreError> {
        let value = self.0.get(column).unwrap_or(&Value::Null);
        T::from_value(value).ok_or_else(|| {
            StoreError::damaged(format!(
                "column {column} holds {} instead of {}",
                value.kind(),
                T::KIND
            ))
        })
    }
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Integer(_) => "an integer",
            Self::Real(_) => "a number",
            Self::Text(_) => "a text",
            Self::Blob(_) => "bytes",
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl From<&Sealed> for Value {
    fn from(value: &Sealed) -> Self {
        Self::Blob(value.as_bytes().to_vec())
    }
}

impl From<Sealed> for Value {
    fn from(value: Sealed) -> Self {
        Self::from(&value)
    }
}

impl<T> From<Id<T>> for Value {
    fn from(id: Id<T>) -> Self {
        Self::from(id.as_bytes())
    }
}

/// Milliseconds since 1970, UTC.
impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Integer(time.as_millisecond())
    }
}

/// `YYYY-MM-DD`.
impl From<Date> for Value {
    fn from(day: Date) -> Self {
        Self::Text(day.to_string())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a column can be read as.
pub(crate) trait FromValue: Sized {
    /// In words, with its article.
    const KIND: &'static str;

    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    const KIND: &'static str = "an integer";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(integer) => Some(*integer),
            _ => None,
        }
    }
}

impl FromValue for u64 {
    const KIND: &'static str = "an integer of 0 or more";

    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).and_then(|integer| integer.try_into().ok())
    }
}

impl FromValue for u32 {
    const KIND: &'static str = "an integer from 0 to 4294967295";

    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).and_then(|integer| integer.try_into().ok())
    }
}

impl FromValue for bool {
    const KIND: &'static str = "0 or 1";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl FromValue for f64 {
    const KIND: &'static str = "a number";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Real(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromValue for String {
    const KIND: &'static str = "a text";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    const KIND: &'static str = "bytes";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    const KIND: &'static str = "so many bytes";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }
}

impl<T> FromValue for Id<T> {
    const KIND: &'static str = "an id of 16 bytes";

    fn from_value(value: &Value) -> Option<Self> {
        <[u8; 16]>::from_value(value).map(Id::from_bytes)
    }
}

impl FromValue for Sealed {
    const KIND: &'static str = "sealed bytes";

    fn from_value(value: &Value) -> Option<Self> {
        Vec::from_value(value).map(Sealed::from)
    }
}

impl FromValue for Timestamp {
    const KIND: &'static str = "a time in milliseconds";

    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).and_then(|time| Timestamp::from_millisecond(time).ok())
    }
}

impl FromValue for Date {
    const KIND: &'static str = "a day";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(day) => day.parse().ok(),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const KIND: &'static str = T::KIND;

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
