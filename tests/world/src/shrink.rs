//! From a long history that fails to a short one.

use crate::history::Step;

/// A step and its number in the whole history.
pub(crate) type Numbered = (usize, Step);

/// Takes steps out for as long as what is left still fails: halves first, then ever shorter pieces.
pub(crate) fn shrink(mut steps: Vec<Numbered>, fails: impl Fn(&[Numbered]) -> bool) -> Vec<Numbered> {
    let mut piece = steps.len().div_ceil(2);
    while piece > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + piece).min(steps.len()));
            if fails(&fewer) {
                steps = fewer;
            } else {
                at += piece;
            }
        }
        piece = if piece == 1 { 0 } else { piece.div_ceil(2) };
    }
    steps
}

/// Numbers as the command line takes them: `3,7-9`.
pub(crate) fn ranges(numbers: &[usize]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = numbers;
    while let Some((first, _)) = rest.split_first() {
        let run = rest.iter().enumerate().take_while(|(place, number)| **number == first + place).count();
        let last = first + run - 1;
        words.push(if run == 1 { first.to_string() } else { format!("{first}-{last}") });
        rest = &rest[run..];
    }
    words.join(",")
}

/// Reads what [`ranges`] writes.
pub(crate) fn read_ranges(text: &str) -> Result<Vec<usize>, String> {
    let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number of a step"));
    let mut numbers = Vec::new();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        numbers.extend(number(first)?..=number(last)?);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::{ranges, read_ranges, shrink};
    use crate::history::{Kind, Step};

    #[test]
    fn what_matters_is_left() {
        let steps = (0..200).map(|number| (number, Step { kind: Kind::Pass, draw: 0 })).collect();
        let left =
            shrink(steps, |steps| [17, 130].iter().all(|wanted| steps.iter().any(|(number, _)| number == wanted)));
        assert_eq!(left.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [17, 130]);
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let numbers = [0, 1, 2, 5, 9, 10];
        assert_eq!(ranges(&numbers), "0-2,5,9-10");
        assert_eq!(read_ranges("0-2,5,9-10"), Ok(numbers.to_vec()));
        assert!(read_ranges("5,x").is_err());
    }
}
