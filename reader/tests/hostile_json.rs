//! JSON that was cut and filled at random has outlines, or not, but never causes a panic or needs much memory.
//!
//! Always the same texts; READER_MUTANTS sets how many.

#![cfg(not(feature = "python"))]

mod mutated;
mod outlined;

use mutated::{measure, mutant, mutant_count, used, Chance};
use outlined::{outline_checked, server_outline_checked, small_table};

/// What a text needs whatever its length.
const FIXED: usize = 4 * 1024;
/// For each byte of the text: outlines, and keys with their hashes while a table of them grows.
const EACH: usize = 60;
/// The same where a key stands twice: members of objects, and the text without it, as well.
const EACH_AS_SERVER: usize = 120;

const TEXTS: &[&str] = &[
    r#"{"self": {"metadata": "a", "any": {"b": [1, {"c": true}], "d": -1.5}}, "unkept": [[], {}, "e"]}"#,
    r#"{"list": [{"number": 7}, null, {"metadata": "\ud83d\ude00\n", "metadataOf": ["a", "b"]}], "metadata": null}"#,
    r#"{"map":{"a":1,"b":null,"\u0063":-3},"flag":true,"number":0,"quantity":"1Gi","time":"2020-02-29T00:00:00.5+01:00","metadataOf":[""]}"#,
    r#"{"any":{"é":"ü😀","":{"x":[]}},"flag":false,"quantity":250,"port":1e3,"self":{"self":{"self":{}}}}"#,
    r#"{"map":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":1,"k":2,"l":3,"m":4,"n":5,"o":6,"p":7,"q":8}}"#,
    r#"{"pruned":{"list":[{},{"pruned":{}}],"any":{}},"items":[{},{"flag":true}],"chosen":{"abc":"d","b":"c","c":""}}"#,
    " {\t\"any\" :\r\n[ null , true ] , \"map\" : { } } \n",
];
const PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u00",
    "\\ud83d",
    "\\ude00",
    "null",
    "true",
    "false",
    "1",
    "-",
    "0.5",
    "1e9",
    "99999999999999999999",
    " ",
    "\n",
    "\0",
    "é",
    "😀",
    "\u{feff}",
    "\"a\":1,",
    "\"metadata\":\"\",",
    "\"self\":",
    "{}",
    "[]",
    "\"unknown\":",
    "\"pruned\":{},",
    "\"items\":[{}],",
    "\"chosen\":",
    "\"abc\":\"\",",
    "\"self\":{},\"self\":null,",
    "\"list\":[{},null],\"list\":",
    "\"map\":{\"a\":1,\"a\":2},\"map\":",
    "\\udfff",
    "\"Kind\":\"\",",
    "\"port\":",
    "\"time\":",
    "+01:00",
];

fn mutants_have_outlines_or_not_within_bounds() {
    let (count, table) = (mutant_count(), small_table());
    let mut chance = Chance::new();
    let (mut taken, mut taken_as_server) = (0, 0);
    for number in 0..count {
        let mut text = mutant(&mut chance, TEXTS, PARTS);
        if chance.below(20) == 0 && !text.is_empty() {
            let place = chance.below(text.len());
            text[place] = chance.below(256) as u8;
        }
        let before = used();
        let (peak, has_outlines) = measure(|| outline_checked(&text, &table));
        taken += has_outlines as usize;
        assert!(peak < FIXED + EACH * text.len(), "{peak} bytes for {} of mutant {number}", text.len());
        let (peak, has_outlines) = measure(|| server_outline_checked(&text, &table));
        taken_as_server += has_outlines as usize;
        assert!(
            peak < FIXED + EACH_AS_SERVER * text.len(),
            "{peak} bytes for {} of mutant {number}",
            text.len()
        );
        assert_eq!(used(), before, "mutant {number} leaves memory behind");
    }
    assert!(taken > count / 100, "{taken} of {count} had outlines");
    assert!(taken_as_server > count / 100, "{taken_as_server} of {count} had outlines for a server");
}

fn depth_and_length_are_bounded() {
    let table = small_table();
    let keys: Vec<String> = (0..50_000).map(|number| format!("\"{number}\":1")).collect();
    let parts =
        ["[", "{\"any\":", "{\"self\":", "{\"any\":[{},", "[[],", "\"", "\\", "{", "{\"\\u0061\":", "9"];
    let repeated = parts.iter().flat_map(|part| [1, 100, 101, 1000, 200_000].map(|count| part.repeat(count)));
    let maps = ["map", "any"].map(|name| format!("{{\"{name}\":{{{}}}}}", keys.join(",")));
    for text in repeated.chain(maps) {
        let (peak, _) = measure(|| outline_checked(text.as_bytes(), &table));
        let shown: String = text.chars().take(20).collect();
        assert!(peak < FIXED + EACH * text.len(), "{peak} bytes for {} of {shown}", text.len());
    }
    let twice = [
        format!("{{\"map\":{{{0}}},\"map\":{{{0}}}}}", keys.join(",")),
        format!("{{\"map\":{{{}}}}}", vec!["\"\":1"; 50_000].join(",")),
        format!("{{\"any\":[],\"self\":{{}},{},\"self\":null}}", vec!["\"\":1"; 50_000].join(",")),
        format!("{{{0},\"self\":{{{0}}}}}", vec!["\"flag\":true"; 50_000].join(",")),
        format!("{{{}}}", vec!["\"list\":[{}]"; 50_000].join(",")),
        format!("{{\"list\":[{0}],\"list\":[{0}]}}", vec!["{\"flag\":true}"; 50_000].join(",")),
        format!("{{\"unkept\":[{}]}}", vec!["{\"\":1,\"\":1}"; 50_000].join(",")),
        format!("{}{}", "{\"self\":{},\"self\":".repeat(98) + "{}", "}".repeat(98)),
    ];
    for text in twice {
        let (peak, has_outlines) = measure(|| server_outline_checked(text.as_bytes(), &table));
        let shown: String = text.chars().take(20).collect();
        assert!(has_outlines, "{shown}");
        assert!(peak < FIXED + EACH_AS_SERVER * text.len(), "{peak} bytes for {} of {shown}", text.len());
    }
    let nested = |levels: usize| format!("{}{}", "{\"self\":".repeat(levels) + "{}", "}".repeat(levels));
    assert!(outline_checked(nested(99).as_bytes(), &table));
    assert!(!outline_checked(nested(100).as_bytes(), &table));
}

/// One test, since what another one needs in the meantime would count.
#[test]
fn hostile_json_costs_little() {
    depth_and_length_are_bounded();
    mutants_have_outlines_or_not_within_bounds();
}
