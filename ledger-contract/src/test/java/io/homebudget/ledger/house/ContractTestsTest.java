package io.homebudget.ledger.house;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;

@AnalyzeClasses(packages = "io.homebudget", importOptions = ImportOption.OnlyIncludeTests.class)
class ContractTestsTest {

    @ArchTest
    static final ArchTests RULES = ArchTests.in(TestRules.class);
}
