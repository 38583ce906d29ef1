//! The one generator of what is drawn (xoshiro256**, seeded by splitmix64): integers only, the same numbers on every target.

/// A deterministic source of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The generator `seed` stands for.
    pub(crate) fn new(seed: u64) -> Self {
        let mut mix = seed;
        let state = std::array::from_fn(|_| {
            mix = mix.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = mix;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Self { state }
    }

    /// A number below `bound`; zero when `bound` is zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(bound)) >> 64).unwrap_or(0)
    }

    /// A place in a list of `len` things.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// True `per_mille` times of a thousand.
    pub(crate) fn permille(&mut self, per_mille: u32) -> bool {
        self.below(1000) < u64::from(per_mille)
    }

    /// Evenly between half of `mean` and one and a half of it.
    pub(crate) fn around(&mut self, mean: u64) -> u64 {
        mean / 2 + self.below(mean.saturating_add(1))
    }

    /// Exponentially distributed with that mean, in whole units, never zero and never above eight means.
    pub(crate) fn exponential(&mut self, mean: u64) -> u64 {
        // ln u = log2 u · ln 2, both with 16 binary digits after the point.
        let u = (self.next() >> 32).max(1);
        let minus_log2 = (32_u64 << 16) - log2_fixed(u);
        let minus_ln = (minus_log2 * 45_426) >> 16;
        let drawn = (u128::from(mean) * u128::from(minus_ln)) >> 16;
        u64::try_from(drawn).unwrap_or(u64::MAX).min(mean.saturating_mul(8)).max(1)
    }

    fn next(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }
}

/// log2 of a number from 1 to 2^32 - 1 with 16 binary digits after the point.
fn log2_fixed(value: u64) -> u64 {
    let whole = u64::from(63 - value.leading_zeros());
    let mut mantissa = value << (31 - whole); // 1.31 fixed point, in [1, 2)
    let mut fraction = 0;
    for _ in 0..16 {
        mantissa = (mantissa * mantissa) >> 31;
        fraction <<= 1;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    (whole << 16) | fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_what_they_say() {
        let mut rng = Rng::new(7);
        let n = 100_000;
        let exponential = (0..n).map(|_| rng.exponential(1000)).sum::<u64>() / n;
        assert!((980..=1020).contains(&exponential), "{exponential}");
        let around = (0..n).map(|_| rng.around(1000)).sum::<u64>() / n;
        assert!((990..=1010).contains(&around), "{around}");
        let hits = (0..n).filter(|_| rng.permille(250)).count();
        assert!((24_000..=26_000).contains(&hits), "{hits}");
    }

    #[test]
    fn bounds_hold() {
        let mut rng = Rng::new(1);
        assert_eq!(rng.below(0), 0);
        assert!((0..10_000).all(|_| rng.below(3) < 3));
        assert!((0..10_000).all(|_| (1..=80).contains(&rng.exponential(10))));
    }
}
