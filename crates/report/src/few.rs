//! What a report for the public leaves out: small numbers, which might tell of one person.

use crate::Section;

/// Numbers from 1 to below this are left out (LAW: product rule).
pub const FEW: u64 = 5;

/// Leaves small numbers out. Where the section has a sum and one part alone would be missing, which the
/// others give away, one more is left out: the smallest that is told, or else the sum.
pub(crate) fn leave_out(section: &mut Section) {
    for row in &mut section.rows {
        row.number = row.number.filter(|number| *number == 0 || *number >= FEW);
    }
    if !section.first_is_sum {
        return;
    }
    let Some((sum, parts)) = section.rows.split_first_mut() else {
        return;
    };
    let missing = parts.iter().filter(|part| part.number.is_none()).count();
    if missing != 1 || sum.number.is_none() {
        return;
    }
    let smallest = parts
        .iter_mut()
        .filter(|part| part.number.is_some_and(|number| number > 0))
        .min_by_key(|part| part.number);
    smallest.unwrap_or(sum).number = None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Row;

    fn left_out(numbers: &[u64], first_is_sum: bool) -> Vec<Option<u64>> {
        let row = |number: &u64| Row {
            counts: String::new(),
            says: String::new(),
            number: Some(*number),
        };
        let mut section = Section {
            says: String::new(),
            first_is_sum,
            rows: numbers.iter().map(row).collect(),
        };
        leave_out(&mut section);
        section.rows.into_iter().map(|row| row.number).collect()
    }

    #[test]
    fn one_to_four_are_left_out_and_none_is_told() {
        let all = left_out(&[0, 1, 4, 5, 17], false);
        assert_eq!(all, [Some(0), None, None, Some(5), Some(17)]);
    }

    #[test]
    fn what_is_left_out_is_not_given_away_by_the_sum() {
        assert_eq!(
            left_out(&[30, 2, 8, 20], true),
            [Some(30), None, None, Some(20)]
        );
        assert_eq!(
            left_out(&[30, 2, 3, 25], true),
            [Some(30), None, None, Some(25)]
        );
        assert_eq!(
            left_out(&[30, 10, 20], true),
            [Some(30), Some(10), Some(20)]
        );
        assert_eq!(
            left_out(&[7, 4, 3, 0], true),
            [Some(7), None, None, Some(0)]
        );
        assert_eq!(left_out(&[3, 3, 0], true), [None, None, Some(0)]);
    }
}
