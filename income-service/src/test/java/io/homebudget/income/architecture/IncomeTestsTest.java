package io.homebudget.income.architecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import io.homebudget.ledger.house.TestRules;

@AnalyzeClasses(packages = "io.homebudget.income", importOptions = ImportOption.OnlyIncludeTests.class)
class IncomeTestsTest {

    @ArchTest
    static final ArchTests RULES = ArchTests.in(TestRules.class);
}
