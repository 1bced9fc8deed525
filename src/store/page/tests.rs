use super::cursor::write_cursor;
use super::*;

#[test]
fn cursors_round_trip() {
    let id = Uuid::from_u128(7);
    let time = Timestamp::from_timestamp_micros(1_700_000_000_123_456).unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    for key in [
        Key::None,
        Key::Text("a\nb é".into()),
        Key::Day(day),
        Key::Time(time),
    ] {
        let cursor = write_cursor("name", &key, id);
        assert_eq!(read_cursor(&cursor, "name", "after").unwrap(), (key, id));
        assert!(read_cursor(&cursor, "email", "after").is_err());
    }
    for broken in ["", "x", "bm9wZQ", "🦀"] {
        assert!(read_cursor(broken, "name", "after").is_err(), "{broken}");
    }
}

#[test]
fn absurd_page_sizes_are_refused() {
    let page = |first, last| {
        limit(&PageArgs {
            first,
            last,
            ..PageArgs::default()
        })
    };
    assert_eq!(page(None, None).unwrap(), (20, false));
    assert_eq!(page(Some(0), None).unwrap(), (0, false));
    assert_eq!(page(None, Some(100)).unwrap(), (100, true));
    for (first, last) in [
        (Some(-1), None),
        (Some(101), None),
        (None, Some(i32::MAX)),
        (Some(1), Some(1)),
    ] {
        assert!(page(first, last).is_err());
    }
}
