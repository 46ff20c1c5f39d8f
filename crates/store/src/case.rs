//! The agency's list of cases, as it was last imported.

use crypt::{Id, Random, Sealed};
use govern::{Case, CaseStanding, ImportCases, Permit, SeeCases};

use crate::sql::values;
use crate::{Store, StoreError};

/// Marks the ids of imports.
enum Import {}

impl Store {
    /// Puts the permit's list in the place of the one before.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn import_cases(
        &self,
        permit: &Permit<ImportCases>,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let ImportCases { cases, file } = permit.act();
        let count = i64::try_from(cases.len()).map_err(StoreError::damaged)?;
        self.change(|db| {
            db.hold("cases")?;
            db.execute("DELETE FROM agency_case", values![])?;
            for Case { number, open } in cases {
                let key = self.case_key(number);
                let sealed = self.seal(&place(&key), number)?;
                db.execute(
                    "INSERT INTO agency_case (number_key, number, is_open) VALUES (?1, ?2, ?3)",
                    values![&key, &sealed, *open],
                )?;
            }
            db.execute(
                "INSERT INTO case_import (id, file, cases, imported_by, imported_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                values![
                    Id::<Import>::random(random),
                    file.to_string(),
                    count,
                    permit.member(),
                    self.clock.now(),
                ],
            )?;
            Ok(())
        })
    }

    /// What the list says of this number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn case_standing(&self, number: &str) -> Result<CaseStanding, StoreError> {
        let key = self.case_key(number);
        self.ask(|db| {
            let imports: i64 = db.one("SELECT count(*) FROM case_import", values![])?;
            if imports == 0 {
                return Ok(CaseStanding::NoList);
            }
            let open: i64 = db.one(
                "SELECT count(*) FROM agency_case WHERE number_key = ?1 AND is_open = 1",
                values![&key],
            )?;
            Ok(if open > 0 {
                CaseStanding::Open
            } else {
                CaseStanding::NotOpen
            })
        })
    }

    /// The list, by number.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn cases(&self, permit: &Permit<SeeCases>) -> Result<Vec<Case>, StoreError> {
        permit.check(&*self.clock)?;
        let rows = self.ask(|db| {
            db.rows(
                "SELECT number_key, number, is_open FROM agency_case",
                values![],
            )
        })?;
        let mut cases = rows
            .iter()
            .map(|row| {
                let key: String = row.get(0)?;
                Ok(Case {
                    number: self.unseal(&place(&key), &row.get::<Sealed>(1)?)?,
                    open: row.get(2)?,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        cases.sort_by(|one, other| one.number.cmp(&other.number));
        Ok(cases)
    }

    pub(crate) fn case_key(&self, number: &str) -> String {
        self.mark("case", &number.trim().to_uppercase())
    }
}

fn place(key: &str) -> String {
    format!("case {key}")
}
