use super::*;

#[test]
fn every_table_can_be_read() {
    for (language, text) in FILES {
        if let Err(error) = Table::read(text) {
            panic!("{language}.txt: {error}");
        }
    }
}
