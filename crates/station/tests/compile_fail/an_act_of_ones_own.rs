// error[E0277]
pub struct ReadEverything;

impl govern::Action for ReadEverything {
    const NAME: &'static str = "read-everything";

    fn what(&self) -> String {
        String::new()
    }

    fn facts(&self, _: &govern::Principal, _: &govern::Policy) -> Vec<(&'static str, bool)> {
        vec![]
    }
}
