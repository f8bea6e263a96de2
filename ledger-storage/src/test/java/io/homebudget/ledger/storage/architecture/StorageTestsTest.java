package io.homebudget.ledger.storage.architecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import io.homebudget.ledger.house.TestRules;

@AnalyzeClasses(packages = "io.homebudget.ledger.storage", importOptions = ImportOption.OnlyIncludeTests.class)
class StorageTestsTest {

    @ArchTest
    static final ArchTests RULES = ArchTests.in(TestRules.class);
}
